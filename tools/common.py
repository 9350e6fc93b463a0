"What the scripts in this folder share: where things are, and how programs are run."
import os, re, subprocess, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT/"nbs"
BIN = Path(sys.executable).parent    # .venv/bin, where nbdev's commands are

def notebooks():
    "Every notebook, in reading order: index, the numbered ones, then the demos."
    found = [p for p in NBS.rglob("*.ipynb") if not any(part.startswith((".", "_")) for part in p.relative_to(NBS).parts)]
    return sorted(found, key=lambda p: (p.name != "index.ipynb", not p.name[0].isdigit(), p.name))

def module_name(path):
    "The module that a notebook exports, or None for a demo or a paper."
    found = re.search(r"#\|\s*default_exp\s+(\w+)", path.read_text(encoding="utf-8"))
    return found and found[1]

def headless(**more):
    "The environment of a run without a screen, the same with or without an accelerator; and what else is to be in it."
    return os.environ | {"MPLBACKEND": "Agg", "JAX_PLATFORMS": "cpu", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | more

def run(*cmd, cwd=ROOT, **env):
    "Runs a command, keeps what it prints: `.returncode`, and `.stdout` with the errors in it."
    return subprocess.run([str(c) for c in cmd], cwd=cwd, env=headless(**env), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

def skipped(source):
    "Whether a cell must not be run outside its notebook: `#| eval: false`, and the export at the end."
    return bool(re.search(r"^#\|\s*eval:\s*false", source, re.M)) or "nbdev_export(" in source
