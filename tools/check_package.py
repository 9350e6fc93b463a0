"""Builds the sdist and the wheel into build/dist/, and checks them as a stranger would meet them.

The metadata are what the package index asks for, the sdist holds the notebooks, the wheel holds the library and nothing
else, and in a fresh environment the wheel alone installs and runs `first_use.py`, with nothing of this checkout in sight. Named
as arguments, `oldest` installs the lowest versions that settings.ini admits of what the library requires, and `newest` the newest
there are, on the newest Python that is found; `any` is what pip takes by itself."""
import configparser, os, re, shutil, subprocess, sys, tarfile, zipfile
from pathlib import Path
from common import ROOT

DIST, ENVS = ROOT/"build/dist", ROOT/"build/envs"

def run(*cmd, **kwargs): return subprocess.run([str(c) for c in cmd], check=True, **kwargs)

def python_version(python):
    "Its version as a pair, or None if it cannot make environments."
    asked = subprocess.run([python, "-c", "import ensurepip, sys, venv; print(*sys.version_info[:2])"], capture_output=True, text=True)
    return None if asked.returncode else tuple(map(int, asked.stdout.split()))

def newest_python():
    "The newest Python there is: this one, a `python3.x` on the path, or one of pyenv's."
    on_path = [shutil.which(f"python3.{x}") for x in range(sys.version_info.minor + 1, 31)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home()/".pyenv")).glob("versions/3.*/bin/python")
    versions = {str(p): python_version(p) for p in (sys.executable, *filter(None, on_path), *pyenv)}
    return max((p for p, v in versions.items() if v), key=versions.get)

def environment(name, python=sys.executable):
    "A new virtual environment; returns its Python."
    folder = ENVS/name
    run(python, "-m", "venv", "--clear", folder)
    return folder/"bin/python"

def archives():
    "Builds both, with tools of their own environment, and lets twine look at them."
    shutil.rmtree(DIST, ignore_errors=True)
    python = environment("build")
    run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "build", "twine")
    run(python, "-m", "build", "--outdir", DIST, ROOT, stdout=subprocess.DEVNULL)
    run(python, "-m", "twine", "check", "--strict", *sorted(DIST.iterdir()))
    return next(DIST.glob("*.tar.gz")), next(DIST.glob("*.whl"))

def contents(sdist, wheel):
    "What is wrong with what the archives hold."
    with tarfile.open(sdist) as tar: source = {n.partition("/")[2] for n in tar.getnames()}
    with zipfile.ZipFile(wheel) as z: built = set(z.namelist())
    needed = {p.relative_to(ROOT).as_posix() for p in (ROOT/"nbs").rglob("*.ipynb") if "checkpoint" not in p.name}
    needed |= {p.relative_to(ROOT).as_posix() for p in (ROOT/"tools").glob("*.py")} | {"Makefile", "_quarto.yml", "settings.ini"}
    yield from (f"the sdist lacks {name}" for name in sorted(needed - source))
    library = {p.relative_to(ROOT).as_posix() for p in (ROOT/"hamux_lit").iterdir() if p.is_file()}
    yield from (f"the wheel lacks {name}" for name in sorted(library - built))
    yield from (f"the wheel has {name}" for name in sorted(built - library) if ".dist-info/" not in name)

def oldest():
    "The lowest version that settings.ini admits of each requirement."
    config = configparser.ConfigParser(delimiters=["="])
    config.read(ROOT/"settings.ini", encoding="utf-8")
    return [re.sub(">=", "==", r) for r in config["DEFAULT"]["requirements"].split()]

def try_out(wheel, versions):
    "Installs the wheel by itself and runs the program."
    python = environment(versions, newest_python() if versions == "newest" else sys.executable)
    more = {"any": [], "newest": ["--upgrade", "--upgrade-strategy", "eager"], "oldest": oldest()}[versions]
    run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", wheel, *more)
    program = shutil.copy(ROOT/"tools/first_use.py", ENVS)    # away from here, so that no checkout is found beside it
    run(python, program, cwd=ENVS, env=os.environ | {"JAX_PLATFORMS": "cpu"})

def main(*versions):
    for name in [name for name in os.environ if name.startswith("PYTHON")]: del os.environ[name]    # a stranger has no checkout on a path
    sdist, wheel = archives()
    wrong = list(contents(sdist, wheel))
    if wrong: sys.exit("\n".join(wrong))
    for name in versions or ["any"]: try_out(wheel, name)
    print(f"{sdist.name} and {wheel.name}: whole, and the wheel runs by itself")

if __name__ == "__main__": main(*sys.argv[1:])
