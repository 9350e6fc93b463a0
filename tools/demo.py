"""Runs the code cells of notebooks here and now, so that what they print is seen as it is printed.

Pictures go to build/demo/<notebook>-<label>.png, the label being the figure's own or its number."""
import linecache, os, re, sys, time, traceback
from pathlib import Path
import matplotlib
import nbformat
from common import ROOT, skipped

PICTURES = ROOT/"build/demo"

def execute(cell, name, namespace):
    "Runs a cell as if it were the file `name`; on an error shows cell and traceback, and ends the program."
    linecache.cache[name] = len(cell), None, cell.splitlines(keepends=True), name    # tracebacks and `inspect` read it here
    try: exec(compile(cell, name, "exec"), namespace)
    except Exception:
        print(f"\n{name} failed:\n\n{cell}\n\n{traceback.format_exc()}", file=sys.stderr)
        sys.exit(1)

def save(figure, stem, number):
    "Saves a figure, and says where."
    PICTURES.mkdir(parents=True, exist_ok=True)
    label = re.sub(r"\W+", "-", figure.get_label()) or number
    picture = PICTURES/f"{stem}-{label}.png"
    figure.savefig(picture, dpi=150, bbox_inches="tight")
    print(f"wrote {picture.relative_to(ROOT)}", flush=True)

def run(path):
    "Runs a notebook in its own folder, and saves each figure as soon as it is drawn."
    import matplotlib.pyplot as plt
    os.chdir(path.parent)
    namespace, count = {"__name__": "__main__"}, 0
    for n, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type != "code" or skipped(cell.source): continue
        execute(cell.source, f"{path.name} cell {n}", namespace)
        for figure in map(plt.figure, plt.get_fignums()): save(figure, path.stem, count := count + 1)
        plt.close("all")    # as Jupyter does after each cell, so that the next one draws on a figure of its own

def main():
    matplotlib.use("Agg")
    start = time.time()
    for path in [Path(p).resolve() for p in sys.argv[1:]]: run(path)    # all of them, before `run` changes the folder
    print(f"{time.time() - start:.1f} s")

if __name__ == "__main__": main()
