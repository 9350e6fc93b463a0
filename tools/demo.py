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

def run(path):
    "Runs a notebook in its own folder; returns its figures."
    import matplotlib.pyplot as plt
    os.chdir(path.parent)
    namespace, figures = {"__name__": "__main__"}, []
    for n, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type != "code" or skipped(cell.source): continue
        execute(cell.source, f"{path.name} cell {n}", namespace)
        figures += map(plt.figure, plt.get_fignums())
        plt.close("all")    # as Jupyter does after each cell, so that the next one draws on a figure of its own
    return figures

def save(figures, stem):
    "Saves figures and returns their paths."
    PICTURES.mkdir(parents=True, exist_ok=True)
    labels = [re.sub(r"\W+", "-", f.get_label()) or n for n, f in enumerate(figures, 1)]
    paths = [PICTURES/f"{stem}-{label}.png" for label in labels]
    for figure, path in zip(figures, paths): figure.savefig(path, dpi=150, bbox_inches="tight")
    return paths

def main():
    matplotlib.use("Agg")
    start = time.time()
    for path in [Path(p).resolve() for p in sys.argv[1:]]:    # all of them before `run` changes the folder
        for picture in save(run(path), path.stem): print(f"wrote {picture.relative_to(ROOT)}")
    print(f"{time.time() - start:.1f} s")

if __name__ == "__main__": main()
