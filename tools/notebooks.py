"Re-runs notebooks top to bottom and stores their outputs: all of them, or those named as arguments."
import sys, time
from pathlib import Path
import nbformat
from nbconvert.preprocessors import ExecutePreprocessor
from nbdev.clean import nbdev_clean
from common import ROOT, notebooks, skipped

QUIET = ["--IPKernelApp.log_level=40"]    # a kernel warns, each time, that it talks over TCP

class Execute(ExecutePreprocessor):
    "Runs what `nbdev_test` would run; the other cells keep the outputs they have."
    def preprocess_cell(self, cell, resources, index):
        run = cell.cell_type == "code" and not skipped(cell.source)
        return super().preprocess_cell(cell, resources, index) if run else (cell, resources)

def rerun(path):
    "Runs one notebook in a fresh kernel in its own folder, and writes it back only if every cell ran."
    start, nb = time.time(), nbformat.read(path, as_version=4)
    # coalesced, a progress bar leaves its last line and not every one before it
    executor = Execute(timeout=None, kernel_name="python3", extra_arguments=QUIET, coalesce_streams=True)
    executor.preprocess(nb, {"metadata": {"path": path.parent}})
    nbformat.write(nb, path)
    nbdev_clean.__wrapped__(str(path))
    print(f"{time.time() - start:6.1f} s  {path.relative_to(ROOT)}", flush=True)

if __name__ == "__main__":
    for path in [Path(a).resolve() for a in sys.argv[1:]] or notebooks(): rerun(path)
