"""Writes README.md from nbs/index.ipynb. `--check` only says whether README.md is what it would write.

nbconvert writes it, whether there is a Quarto or not: `nbdev_readme` would leave links as they read from within nbs/, and
drop the promise below the title."""
import re, shutil, sys
import nbformat
from execnb.nbio import nb2str, read_nb
from nbconvert import MarkdownExporter
from nbdev.processors import FilterDefaults
from smalldocs.notebook import cell_options
from common import NBS, ROOT

README = ROOT/"README.md"
PICTURES = ".github/readme"    # where no one looks for anything else

def apply_options(cell):
    "Does what Quarto does with a code cell's `#|` options, and returns the alt text of its pictures."
    opts, cell.source = cell_options(cell.source)
    if opts.get("include") is False or opts.get("output") is False: cell.outputs = []
    if opts.get("include") is False or opts.get("echo") is False:
        cell.metadata["transient"] = {"remove_source": True}    # nbconvert's own mark for a cell without its source
    return opts.get("fig-alt", "")

def convert():
    "The text of the README and its pictures, by path."
    nb = read_nb(NBS/"index.ipynb")
    FilterDefaults()(nb)
    front = nb.frontmatter_
    nb = nbformat.reads(nb2str(nb), as_version=4)
    nb.metadata["language_info"] = {"name": "python"}           # nbdev_clean takes it out, and the code fences need it
    nb.cells = [c for c in nb.cells if c.cell_type != "raw"]    # the front matter, written out below instead
    for cell in nb.cells:                                       # GitHub shows a drawing as a file, and none within the text
        for output in cell.get("outputs", []):
            if "image/svg+xml" in output.get("data", {}): output.data.pop("text/html", None)
    alts = [apply_options(c) if c.cell_type == "code" else "" for c in nb.cells]
    resources = {"unique_key": "index", "output_files_dir": PICTURES}
    body, resources = MarkdownExporter().from_notebook_node(nb, resources)
    body = re.sub(rf"!\[\w+\]\(({PICTURES}/index_(\d+)_)", lambda m: f"![{alts[int(m[2])]}]({m[1]}", body)
    body = re.sub(r"^```\s*\{mermaid\}", "```mermaid", body, flags=re.M)          # as GitHub writes it
    body = re.sub(rf"\]\((?!{PICTURES}/)([\w./-]+\.(ipynb|png|svg))", rf"]({NBS.name}/\1", body)    # as seen from above nbs/
    text = f"# {front['title']}\n\n> {front['description']}\n\n{body.strip()}\n"
    return re.sub(r"[ \t]+$", "", re.sub(r"\n{3,}", "\n\n", text), flags=re.M), resources["outputs"]

def check():
    "Exits with a message if README.md does not say what nbs/index.ipynb says."
    made, found = convert()[0].splitlines(), README.read_text(encoding="utf-8").splitlines()
    if made == found: return
    at = next((i for i, (a, b) in enumerate(zip(made, found)) if a != b), min(len(made), len(found)))
    sys.exit("README.md is not what nbs/index.ipynb makes: run `make readme`\n"
             f"  notebook: {''.join(made[at:at + 1])}\n  README:   {''.join(found[at:at + 1])}")

def write():
    "Writes README.md and its pictures."
    text, pictures = convert()
    shutil.rmtree(ROOT/PICTURES, ignore_errors=True)
    for name, data in pictures.items():
        (ROOT/name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT/name).write_bytes(data)
    README.write_text(text, encoding="utf-8")

if __name__ == "__main__": check() if "--check" in sys.argv else write()
