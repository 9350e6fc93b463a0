"""Opens every page of a built website (_docs/, or the folder named) in headless Chromium and says what is wrong.

Checked: nothing fails to load and nothing is loaded from elsewhere, formulas and diagrams are drawn, links and their
anchors lead somewhere, pictures have alt text, no page is wider than a screen or a phone, search finds a symbol, and
axe-core sees nothing serious or critical. Colours are most of its work, and style sheets give them to kinds of element,
not to pages: a page is judged for colours, in the light theme and the dark one, if it has kinds that none before it had.
With `--again`, for the same pages by another builder, only such pages are opened; links are followed on all."""
import ast, functools, http.server, os, re, shutil, subprocess, sys, threading
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from common import ROOT
from npm import package

WIDTHS = {"desktop": 1280, "phone": 390}
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]

# What only the drawn page can tell, as `problems` and as counts
INSPECT = r"""() => {
  const all = (sel, root = document) => [...root.querySelectorAll(sel)], bad = [];
  const show = e => e.outerHTML.replace(/base64,[^"]*/, "...").slice(0, 120);
  for (const e of all(".math")) if (!e.querySelector(".katex")) bad.push("formula not drawn: " + e.textContent.slice(0, 80));
  for (const e of all(".katex-error")) bad.push("formula with an error: " + e.textContent.slice(0, 80));
  for (const e of all('.katex [mathcolor="#cc0000"]')) bad.push("unknown command in a formula: " + e.textContent);
  for (const e of all("pre.mermaid, pre.mermaid-js, div.mermaid")) if (!e.querySelector("svg")) bad.push("diagram not drawn: " + e.textContent.slice(0, 80));
  for (const e of all(":is(.mermaid, .mermaid-js) .error-icon")) bad.push("diagram with an error");
  const text = document.body.cloneNode(true);
  for (const e of all("script, style, pre, code, .katex, .katex-error", text)) e.remove();
  const tex = text.textContent.match(/\\\(|\\\[|\$\$|\$[^\s$][^$\n]{0,200}\$/);
  if (tex) bad.push("TeX left in the text: " + tex[0].slice(0, 20) + tex.input.substr(tex.index + tex[0].length, 40));
  for (const e of all("img")) {
    if (!(e.getAttribute("alt") || "").trim()) bad.push("picture without alt text: " + show(e));
    if (!e.naturalWidth) bad.push("picture not shown: " + show(e));
  }
  for (const e of all("main .cell-output-display svg:not(.mermaid svg, svg.mermaid-js, .katex svg, svg svg)"))
    if (!(e.getAttribute("alt") || e.getAttribute("aria-label") || e.querySelector("title")?.textContent || "").trim())
      bad.push("drawing without alt text, aria-label or <title>: " + show(e));
  if (!document.title.trim()) bad.push("no title");
  const h1 = all("h1").length;
  if (h1 != 1) bad.push(h1 + " h1 headings");
  const images = all("main img, main .cell-output-display svg:not(.katex svg, svg svg)");
  return {bad, formulas: all(".katex").length, images: images.length};
}"""

# The first element that sticks out of the window: the page is then wider, or cuts it off
OVERFLOW = r"""() => {
  const width = document.documentElement.clientWidth;
  const scrolls = e => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
  const held = e => e && e != document.body && (scrolls(e) || held(e.parentElement));
  const out = [...document.querySelectorAll("main *")].find(e => e.getBoundingClientRect().right > width + 1 && !held(e));
  return out ? out.outerHTML.replace(/base64,[^"]*/, "...").slice(0, 120)
    : Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) > width ? "outside the text" : null;
}"""

AXE = "axe-core", "4.14.1"
# What keeps a reader out, by axe's own rules: what, how often, and the first of them
BARRIERS = r"""async options => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"], ...options});
  return violations.filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => `${v.id}, ${v.nodes.length} times: ${v.nodes[0].html.slice(0, 120)}`);
}"""
COLOURS = ["color-contrast", "link-in-text-block"]    # the rules whose answer another theme can change
NO_COLOURS = {"rules": {rule: {"enabled": False} for rule in COLOURS}}
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
TOGGLE = """() => window.quartoToggleColorScheme ? quartoToggleColorScheme()
  : document.querySelector(".quarto-color-scheme-toggle")?.click()"""

def chromium():
    "The path of an installed Chromium, or None; on a CI machine it is installed first."
    names = "chromium", "chromium-browser", "google-chrome"
    found = next(filter(None, map(shutil.which, names)), None)
    if found or os.environ.get("CI") != "true" or os.getuid() or not shutil.which("apt-get"): return found
    subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], stdout=subprocess.DEVNULL)
    return next(filter(None, map(shutil.which, names)), None)

class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass

class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *args): pass    # a browser that leaves a page hangs up on what it was still loading

def serve(site):
    "Serves a folder from a thread, and returns its address."
    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"

def watch(page, base, problems):
    "Notes in `problems` what goes wrong while a page loads, and keeps it off every other machine."
    def route(r):
        if r.request.url.startswith(base): return r.continue_()
        problems.append(f"asks another site: {r.request.url[:120]}")
        r.abort()
    page.route(re.compile("^(?!data:|blob:)"), route)
    page.on("console", lambda m: m.type in ("error", "warning") and problems.append(f"console {m.type}: {m.text[:200]}"))
    page.on("pageerror", lambda e: problems.append(f"script error: {str(e)[:200]}"))
    page.on("response", lambda r: r.status >= 400 and problems.append(f"{r.status}: {r.url.removeprefix(base)}"))
    page.on("requestfailed", lambda r: r.url.startswith(base) and r.failure != "net::ERR_ABORTED"
            and problems.append(f"not loaded: {r.url.removeprefix(base)}"))

def dead_links(site, name, soup, ids):
    "How many links a page has within the site, and those that lead to no file or no anchor."
    count, dead = 0, []
    for href in (a["href"] for a in soup.find_all("a", href=True)):
        parts = urlsplit(urljoin(f"/{name}", href))
        if parts.scheme or parts.netloc: continue
        count += 1
        target = unquote(parts.path).lstrip("/")
        if not target or target.endswith("/"): target += "index.html"
        anchor = unquote(parts.fragment)
        if not (site/target).is_file(): dead.append(f"dead link: {href}")
        elif anchor and target in ids and anchor not in ids[target]: dead.append(f"no such anchor: {href}")
    return count, dead

def visit(page, address, source, problems):
    "Opens one page in every width, and counts its formulas and pictures."
    page.set_viewport_size({"width": WIDTHS["desktop"], "height": 900})
    page.goto(address, wait_until="networkidle")
    if source.select(".mermaid, .mermaid-js"):    # smalldocs keeps the frame of a diagram, Quarto puts the drawing in its place
        try: page.wait_for_selector(".mermaid svg, svg.mermaid-js", timeout=10_000)
        except Exception: pass    # `INSPECT` says which diagram
    found = page.evaluate(INSPECT)
    problems += found["bad"]
    missing = len(source.select(".math")) - found["formulas"]
    if missing > 0: problems.append(f"{missing} formulas of the source are not on the page")
    for device, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate(OVERFLOW)
        if wide: problems.append(f"wider than a {device} of {width} px: {wide}")
    return found

def kind(element): return element.name, *element.get("class", []), element.get("style")

def kinds(soup):
    "What a page's colours depend on: its kinds of element, each with that of its parent."
    return {(kind(e.parent), kind(e)) for e in soup.find_all(True)}

def barriers(page, problems, colours):
    "What axe-core finds on the page as it is, and, if its `colours` are to be judged, in those of the other theme."
    page.set_viewport_size({"width": WIDTHS["desktop"], "height": 900})
    page.add_style_tag(content="* { transition: none !important }")    # colours would fade from one theme to the other
    page.add_script_tag(path=package(*AXE)/"axe.min.js")
    problems += [f"{barrier} (in the first theme)" for barrier in page.evaluate(BARRIERS, {} if colours else NO_COLOURS)]
    if not colours: return
    before = page.evaluate(BACKGROUND)
    page.evaluate(TOGGLE)
    page.wait_for_function(f"before => ({BACKGROUND})() != before", arg=before)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    problems += [f"{barrier} (in the second theme)" for barrier in page.evaluate(BARRIERS, {"runOnly": COLOURS})]

def symbol():
    "A documented name to search for: `LSoftmax` or, where there is none, the first of the index."
    index = ast.literal_eval((ROOT/"hamux_lit/_modidx.py").read_text(encoding="utf-8").partition("d = ")[2])
    names = [key.removeprefix(f"{module}.") for module, keys in index["syms"].items() for key in keys]
    names = [n for n in names if "." not in n and not n.startswith("_")]
    return "LSoftmax" if "LSoftmax" in names else next(iter(names), None)

def search(page, base, name, problems):
    "Types a name into the search box and follows the first result."
    page.set_viewport_size({"width": WIDTHS["desktop"], "height": 900})
    page.goto(base, wait_until="networkidle")
    page.locator(".smalldocs-search input:visible, #quarto-search button:visible").first.click()
    page.keyboard.type(name)
    try:
        page.locator("a.search-result, .aa-List a").first.click(timeout=5_000)
        page.wait_for_load_state("networkidle")
    except Exception: return problems.append(f"search finds nothing for {name}")
    if name not in page.inner_text("main"):
        problems.append(f"search for {name} leads to {page.url.removeprefix(base)}, which lacks it")

def main():
    again, folders = "--again" in sys.argv, [arg for arg in sys.argv[1:] if arg != "--again"]
    site = Path(folders[0] if folders else ROOT/"_docs").resolve()
    program = chromium()
    if not program: return print("skipped: browser test (no Chromium; install the package chromium)")
    soups = {p.relative_to(site).as_posix(): BeautifulSoup(p.read_text(encoding="utf-8"), "html.parser")
             for p in sorted(site.rglob("*.html"))}
    if not soups: sys.exit(f"no pages in {site}")
    ids = {name: {e["id"] for e in soup.find_all(id=True)} for name, soup in soups.items()}
    base, total, found, judged = serve(site), Counter(pages=len(soups)), {}, set()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=ARGS)
        for name, soup in soups.items():
            found[name] = problems = []
            new = kinds(soup) - judged
            judged |= new
            links, dead = dead_links(site, name, soup, ids)
            problems += dead
            total.update(links=links)
            if again and not new: continue
            page = browser.new_page()
            watch(page, base, problems)
            counts = visit(page, base + name, soup, problems)
            barriers(page, problems, bool(new))
            total.update(opened=1, formulas=counts["formulas"], images=counts["images"])
            page.close()
        if name := symbol():
            found["search"] = problems = []
            page = browser.new_page()
            watch(page, base, problems)
            search(page, base, name, problems)
        browser.close()
    problems = [f"{name}: {p}" for name, said in found.items() for p in dict.fromkeys(" ".join(p.split()) for p in said)]
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{total['pages']} pages, {total['opened']} of them opened, {total['formulas']} formulas, {total['links']} links, {total['images']} images checked,",
          f"search for {name}," if name else "", f"{len(problems)} problems")
    return bool(problems)

if __name__ == "__main__": sys.exit(main())
