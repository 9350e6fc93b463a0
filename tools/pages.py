"""Pages of the site that no notebook holds, since they are made of all of them: every public name, every figure, and
llms.txt. They are written into the staged copy and into the built site, never into the repository, so none goes stale."""
import ast, base64, io, json, re
from html import escape
from PIL import Image
from common import NBS, ROOT, module_name

def parts():
    "The sidebar's sections, in order, with the paths of their notebooks."
    import yaml
    menu = yaml.safe_load((ROOT/"_quarto.yml").read_text(encoding="utf-8"))["website"]["sidebar"]["contents"]
    sections = (entry for entry in menu if isinstance(entry, dict) and "section" in entry)
    return {s["section"]: [p for p in s["contents"] if p.endswith(".ipynb")] for s in sections}

def cells(path): return json.loads(path.read_text(encoding="utf-8"))["cells"]

def source(cell): return "".join(cell["source"])

def opening(path):
    "Title and promise of a notebook."
    found = re.match(r"#\s+(.*)\n+>\s+(.*)", source(cells(path)[0]))
    return found[1], found[2]

def page(path): return re.sub(r"(^|/)\d+_", r"\1", path.removesuffix(".ipynb")) + ".html"

def documented(tree):
    "Public names of a module and their one line: functions, classes, and methods, patched ones too."
    def line(node): return (ast.get_docstring(node) or "").partition("\n")[0]
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"): continue
        owner = next((ast.unparse(a.annotation) for a in node.args.args[:1] if a.annotation), None) if (
            isinstance(node, ast.FunctionDef) and any("patch" in ast.unparse(d) for d in node.decorator_list)) else None
        yield f"{owner}.{node.name}" if owner else node.name, line(node)
        if isinstance(node, ast.ClassDef):
            for method in node.body:    # properties have no place of their own on a page
                if (isinstance(method, ast.FunctionDef) and not method.name.startswith("_") and line(method)
                        and "property" not in map(ast.unparse, method.decorator_list)):
                    yield f"{node.name}.{method.name}", line(method)

def index():
    "Part -> [(module, page, [(name, where it is documented, its line)])]."
    links = ast.literal_eval((ROOT/"hamux_lit/_modidx.py").read_text(encoding="utf-8").partition("d = ")[2])["syms"]
    found = {}
    for part, paths in parts().items():
        for path in paths:
            name = module_name(NBS/path)
            if not name: continue
            text = (ROOT/f"hamux_lit/{name}.py").read_text(encoding="utf-8")
            public = set(ast.literal_eval(re.search(r"^__all__ = (\[.*?\])", text, re.M | re.S)[1]))
            at = {n.removeprefix(f"hamux_lit.{name}."): place for n, (place, _) in links[f"hamux_lit.{name}"].items()}
            names = [(n, at[n], line) for n, line in documented(ast.parse(text)) if n in at and (n in public or "." in n and n[0] != "_")]
            found.setdefault(part, []).append((name, page(path), names))
    return found

def api(base):
    "The page of all public names; its links are absolute, as nbdev's are, until the site is made local."
    lines = ["---", "title: All names", "description: Every public function, class and method, with its one line.", "---", ""]
    for part, modules in index().items():
        lines += [f"## {part}", ""]
        for name, where, names in modules:
            lines += [f"### [`{name}`]({base}{where})", "", "| Name | What it is |", "|---|---|"]
            lines += [f"| [`{n}`]({base}{at}) | {line.replace('|', chr(92) + '|')} |" for n, at, line in names] + [""]
    return "\n".join(lines)

def thumbnail(png):
    "A small WebP of a picture, both in base64."
    image, out = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), io.BytesIO()
    image.thumbnail((480, 360))
    image.save(out, "WEBP", quality=80)
    return base64.b64encode(out.getvalue()).decode()

def anchor(heading):
    "What pandoc makes of a plain heading; nothing for one with code, formulas or links in it."
    if re.search(r"[`$\[{]", heading): return ""
    return "#" + re.sub(r"\s+", "-", re.sub(r"[^\w\s.-]", "", heading).strip().lower()).lstrip("-.0123456789_")

def figures(path):
    "The figures of a notebook: alternative text, heading above, picture."
    heading = ""
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            for h in re.findall(r"^##+\s+(.*)$", source(cell), re.M): heading = anchor(h) or heading
        alt = re.search(r"^#\|\s*fig-alt:\s*(.*)$", source(cell), re.M)
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get("image/png"): yield (alt[1].strip("\"'") if alt else ""), heading, "".join(png)

def gallery():
    "The page of all figures."
    lines = ["---", "title: All figures", "description: Every figure of this site; each leads to where it is drawn.", "---", ""]
    for part, paths in parts().items():
        shown = [(path, *figure) for path in paths for figure in figures(NBS/path)]
        if not shown: continue
        lines += [f"## {part}", "", "```{=html}", '<div class="gallery">']
        for path, alt, heading, png in shown:
            title = escape(opening(NBS/path)[0])
            lines.append(f'<a href="{page(path)}{heading}"><img src="data:image/webp;base64,{thumbnail(png)}" '
                         f'alt="{escape(alt or title)}"><span>{title}</span></a>')
        lines += ["</div>", "```", ""]
    return "\n".join(lines)

PAPERS = r"arxiv\.org|doi\.org|openreview\.net|proceedings|jmlr\.org|aclanthology|pnas\.org|mdpi\.com|distill\.pub"

def references(base):
    "The page of all papers that are linked from other pages, and where from; its links as in `api`."
    found = {}    # address -> how it is called, and the pages that name it
    for part, paths in parts().items():
        for path in paths:
            text = "\n".join(source(c) for c in cells(NBS/path) if c["cell_type"] == "markdown")
            for name, address in re.findall(r"\[([^\]`]+)\]\((https?://(?:[^()\s]|\([^()]*\))+)\)", text):
                if not re.search(PAPERS, address): continue
                names, where = found.setdefault(address, ([], {}))
                names.append(" ".join(name.split()))
                where[path] = opening(NBS/path)[0]
    lines = ["---", "title: References", "description: Every paper that a page of this site builds on, and the pages that do.", "---", "",
             "| Paper | Named on |", "|---|---|"]
    for address, (names, where) in sorted(found.items(), key=lambda item: max(item[1][0], key=len).lower()):
        lines.append(f"| [{max(names, key=len)}]({address}) | " + ", ".join(f"[{t}]({base}{page(p)})" for p, t in where.items()) + " |")
    return "\n".join(lines) + "\n"

def llms(base):
    "The site as a language model is told of it: pages with their promises, names with their lines."
    title, promise = opening(NBS/"index.ipynb")
    lines = [f"# {title}", "", f"> {promise}", ""]
    for part, paths in parts().items():
        if paths: lines += [f"## {part}", ""]
        lines += [f"- [{t}]({base}{page(p)}): {d}" for p in paths for t, d in [opening(NBS/p)]] + [""]
    lines += ["## Names", ""]
    lines += [f"- [{n}]({base}{at}): {line}" for modules in index().values() for _, _, names in modules for n, at, line in names]
    return "\n".join(lines) + "\n"
