"""Builds the website into _docs/. `--preview` serves it on localhost and rebuilds it on every change instead;
`--small` leaves Quarto aside, `--staged` takes what the last run has staged.

Three steps. `stage` lets nbdev process the notebooks into _proc/ and mends there what no builder gets right by itself.
Then Quarto builds the site where there is one, and elsewhere smalldocs, which is pure Python, builds the same site from
the same _quarto.yml and the same staged notebooks. At last `localize` makes the site hold all that it shows: what a page
would fetch from a CDN is taken from that library's npm package and put beside the page."""
import base64, io, json, os, re, shutil, subprocess, sys, traceback
from pathlib import Path
from urllib.parse import urljoin
import smalldocs.serve, smalldocs.site
from bs4 import BeautifulSoup
from nbdev.config import get_config
from nbdev.doclinks import _get_exps
from nbdev.quarto import fs_watchdog, refresh_quarto_yml
from nbdev.serve import proc_nbs
from PIL import Image, ImageSequence
import pages
from common import NBS, ROOT, headless
from npm import package

SITE = ROOT/"_docs"
QUARTO = None if "--small" in sys.argv else shutil.which("quarto")
CDN = re.compile(r"https://cdn\.jsdelivr\.net/npm/(?P<name>[\w-]+)@(?P<version>[\w.]+)/")
NEEDED = {"katex": ["dist/katex.min.*", "dist/contrib/auto-render.min.js", "dist/fonts/*.woff2"],
          "mermaid": ["dist/mermaid.esm.min.mjs", "dist/chunks/mermaid.esm.min/*.mjs"],
          **{name: [f"build/{name}.min.js"] for name in ("vega", "vega-lite", "vega-embed")}}
HARMLESS = {"format.html.html-math-method is ignored",                      # KaTeX, which is all that smalldocs knows
            "format.html.grid is ignored",                                  # Quarto's widths; styles.css says smalldocs'
            "output-file is not read by smalldocs"}                         # `Site` below reads it
# Quarto gives a page with text/html outputs what Jupyter's widgets would need. There are none here.
WIDGETS = re.compile(r"<script\b[^>]*cdnjs\.cloudflare\.com/ajax/libs/(?:require\.js|jquery)/[^>]*></script>"
                     r"|<script type=\"application/javascript\">define\('jquery'.*?</script>", re.S)

class Site(smalldocs.site.Site):
    "A smalldocs site with nbdev's page names, strict about warnings, self-contained."
    def read(self, src):
        page = super().read(src)
        # nbdev's links say lagrangians.html for 01_lagrangians.ipynb
        if "output-file" in page.front: page.out = page.src.with_name(page.front["output-file"])
        return page

    def build(self):
        count = super().build()
        self.warnings = [w for w in self.warnings if not any(w.endswith(text) for text in HARMLESS)]
        localize(self.out)
        return count

def vendor(site, name, version):
    "Copies what pages need of an npm package into the site, and returns where to, relative to the site."
    if name not in NEEDED: sys.exit(f"{name}@{version}: say in tools/docs.py which of its files the pages need")
    source, target = package(name, version), Path("site_libs")/f"{name}@{version}"
    for file in (f for glob in NEEDED[name] for f in source.glob(glob)):
        copy = site/target/file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return target

def fetched(text):
    "What a page would load from another site."
    soup = BeautifulSoup(text, "html.parser")
    for tag in soup(["script", "img", "iframe", "source"]): yield tag.get("src", "")
    for tag in soup("link"): yield tag.get("href", "") if "canonical" not in tag.get("rel", []) else ""
    for tag in soup(["script", "style"]): yield from re.findall(r"""(?:import|from|url\()\s*['"]?([^'")]+)""", tag.text)

def home():
    "The address of the site on the web."
    cfg = get_config()
    return urljoin(cfg.doc_host, cfg.doc_baseurl) + "/"

def localize(site):
    "Points every page at the site's own copies of what it would load or link to on the web."
    left = []
    (site/"llms.txt").write_text(pages.llms(home()), encoding="utf-8")
    for sheet in site.rglob("*.css"):    # themes fetch their fonts; without them the reader's own sans serif is used
        text = sheet.read_text(encoding="utf-8")
        text = re.sub(r"""@import\s*(?:url\([^)]*//[^)]*\)|(["'])[^"']*//[^"']*\1)[^;]*;?""", "", text)
        sheet.write_text(text, encoding="utf-8")
    anchors = {page.relative_to(site).as_posix(): set(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8")))
               for page in site.rglob("*.html")}
    def link(m):    # made by nbdev from a name in backticks, or by pages.py; helpers have no place of their own on a page
        at, _, name = m[1].partition("#")
        return f'<a href="{up}{at}{"#" + name if name in anchors.get(at, ()) else ""}"'
    for page in sorted(site.rglob("*.html")):
        text = WIDGETS.sub("", page.read_text(encoding="utf-8"))
        up = "../"*(len(page.relative_to(site).parts) - 1) or "./"
        for url, name, version in {(m[0], m["name"], m["version"]) for m in CDN.finditer(text)}:
            text = text.replace(url, f"{up}{vendor(site, name, version).as_posix()}/")
        text = re.sub(rf'<a href="{re.escape(home())}([^"]*)"', link, text)
        page.write_text(text, encoding="utf-8")
        left += [f"{page.relative_to(site)}: {url}" for url in fetched(text) if re.match(r"(https?:)?//", url)]
    if left: sys.exit("the site is not self-contained:\n" + "\n".join(left))

def numbered(text):
    "A page's text with lines in its links to sources: nbdev looks names up without their module, and so writes LNone."
    def line(m):
        number = _get_exps(m["file"]).get(m["name"])
        return f"{m['file']}{f'#L{number}' if number else ''}{m['between']}{m['name']}"
    return re.sub(r"(?P<file>\w+/\w+\.py)#LNone(?P<between>\)[^#]*#+ )(?P<name>[\w.]+)", line, text)

def animated_png(gif):
    "The same animation as a PNG, both in base64: Quarto shows no output of a cell that is a GIF."
    image, out = Image.open(io.BytesIO(base64.b64decode(gif))), io.BytesIO()
    frames = [f.convert("RGB") for f in ImageSequence.Iterator(image)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=image.info.get("duration", 100), loop=0)
    return base64.b64encode(out.getvalue()).decode()

def unlinked(text):
    "A page's text with plain names in its code: nbdev makes links of those between backticks, in comments too."
    def plain(code): return re.sub(r"\[(`[^`]+`)\]\([^)]*\)", r"\1", code[0])
    return re.sub(r"^```python.*?^```", plain, text, flags=re.M | re.S)

def opened_elsewhere(name):
    "A line that leads from a page to its notebook: as a file, and on Colab."
    cfg = get_config()
    at = f"{cfg.user}/{cfg.repo}/blob/{cfg.branch}/{NBS.name}/{name}"
    return {"cell_type": "markdown", "id": "elsewhere", "metadata": {}, "source":
            f'<p class="elsewhere"><a href="https://colab.research.google.com/github/{at}">Open in Colab</a> · '
            f'<a href="https://github.com/{at}?raw=true">Download the notebook</a></p>\n'}

def mend(path, name):
    "Mends a staged notebook, whose file in nbs/ is `name`."
    nb = json.loads(numbered(path.read_text(encoding="utf-8")))
    for cell in nb["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/gif" in data: data["image/png"] = animated_png("".join(data.pop("image/gif")))
            if "text/markdown" in data: data["text/markdown"] = unlinked("".join(data["text/markdown"]))
    if all(cell.get("id") != "elsewhere" for cell in nb["cells"]):    # a preview mends what it has mended before
        nb["cells"].insert(1, opened_elsewhere(name))                 # below the front matter
    path.write_text(json.dumps(nb), encoding="utf-8")

def stage(force=False):
    "Processes the notebooks for a site builder as `nbdev_docs` does, which itself would first install Quarto."
    refresh_quarto_yml()
    try: staged = proc_nbs(force=force)
    except Exception as e:
        why = re.search(r"^\w+(Error|Exception): .*", str(e.__cause__), re.M)    # the cell's own, in a worker's traceback
        sys.exit(f"{e}\n\n{why[0] if why else e.__cause__}\n\n"
                 "a website build runs only the exported cells and those with an import, so imports need cells of their own")
    _get_exps.cache_clear()
    for notebook in staged.rglob("*.ipynb"): mend(notebook, notebook.relative_to(staged).as_posix())
    (staged/"api.md").write_text(pages.api(home()), encoding="utf-8")
    (staged/"references.md").write_text(pages.references(home()), encoding="utf-8")
    (staged/"gallery.md").write_text(pages.gallery(), encoding="utf-8")
    return staged

def build():
    "Builds the site once."
    staged = stage(force="--staged" not in sys.argv)
    if QUARTO:    # not `nbdev_docs`, which would write README.md as well, with links that lead nowhere
        subprocess.run([QUARTO, "render", "--no-cache"], cwd=staged, check=True)
        shutil.rmtree(SITE, ignore_errors=True)
        shutil.move(staged/SITE.name, SITE)
        return localize(SITE)
    site = Site(smalldocs.site.load(staged), quiet=True)
    site.out = SITE
    count = site.build()
    if site.warnings: sys.exit("\n".join(site.warnings))
    print(f"{count} pages in {SITE.relative_to(ROOT)}/")

def preview():
    "Serves the site until stopped, and stages again what is saved; a new notebook is in the menu from the next start."
    def restage(event):
        if event.event_type not in ("modified", "created", "moved"): return    # staging opens and closes files, too
        try: stage()
        except (Exception, SystemExit): traceback.print_exc()    # a cell that fails is not the end of the preview
    staged = stage(force=True)
    with fs_watchdog(restage, NBS):
        if QUARTO: return subprocess.run([QUARTO, "preview", "--no-browser"], cwd=staged).returncode
        smalldocs.site.Site = Site    # the one that smalldocs.serve builds
        return smalldocs.serve.preview(staged, open_browser=False)

if __name__ == "__main__":
    os.chdir(ROOT)
    os.environ.update(headless())
    sys.exit(preview() if "--preview" in sys.argv else build())
