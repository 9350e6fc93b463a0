"""Prints how the notebooks and modules are cut: sizes, prose, tests near what they test, arrows between modules.

Information, not a gate, but for what is a mistake wherever it is found: modules that import each other in a circle or
against the reading order, a module that shares its name with something in it, a notebook that the menu lacks."""
import ast, json, re, statistics, sys
from collections import defaultdict
from common import NBS, ROOT, module_name, notebooks

GOALS = "goals: <= 500 lines a module; <= 90 cells; exported cells median <= 8, 9 of 10 <= 20 lines; >= 3.5 words a line; " \
        "no shown line > 100; >= 90 % tested within 4 cells"
TESTS = re.compile(r"\btest_\w+\(|\bassert\b|assert_\w+\(|expect_fail|check_grads|raises\(")

def code_lines(source):
    "The lines of a cell that hold something, without its directives."
    return [l for l in source.splitlines() if l.strip() and not l.startswith("#|")]

def directive(source, *names): return any(re.search(rf"^#\|\s*{n}\b", source, re.M) for n in names)

def defined(source):
    "The public names that an exported cell defines."
    return re.findall(r"^(?:def|class)\s+([A-Za-z]\w*)", source, re.M)

def tested_nearby(cells, at, name):
    "Whether one of the four code cells after `at` tests, and it or a cell before it uses the name."
    after = [s for kind, s in cells[at:] if kind == "code"][1:5]
    return any(TESTS.search(s) and any(re.search(rf"\b{name}\b", t) for t in after[:i + 1]) for i, s in enumerate(after))

def measure(path):
    "What there is to count in one notebook, or None if it exports nothing."
    cells = [(c["cell_type"], "".join(c["source"])) for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    exported = [(i, s) for i, (kind, s) in enumerate(cells) if kind == "code" and directive(s, "export", "exports", "exporti")]
    lines = [len(code_lines(s)) for _, s in exported]
    if not sum(lines): return None
    words = sum(len(s.split()) for kind, s in cells if kind == "markdown")
    shown = [s for kind, s in cells if kind == "code" and not directive(s, "hide", "export\\s*$", "exporti", "echo: false")]
    names = [(i, n) for i, s in exported if not directive(s, "exporti") for n in defined(s)]
    tested = sum(tested_nearby(cells, i, n) for i, n in names)
    return {"cells": len(cells), "lines": sum(lines), "median": statistics.median(lines),
            "p90": sorted(lines)[int(0.9*(len(lines) - 1))], "longest": max(lines), "words/line": round(words/sum(lines), 1),
            "wide": sum(len(l) > 100 for s in shown for l in s.splitlines()), "tested": f"{tested}/{len(names)}"}

def imports(tree, top_only=False):
    "The modules of this package that a module imports."
    for node in (tree.body if top_only else ast.walk(tree)):
        if isinstance(node, ast.ImportFrom):
            base = (node.module or "").removeprefix("hamux_lit").lstrip(".")
            if node.level or (node.module or "").startswith("hamux_lit"):
                yield from [base] if base else [a.name for a in node.names]

def patched(node):
    "Whether a function is a method, added to its class beside the explanation."
    return any("patch" in ast.unparse(d) for d in node.decorator_list)

def circles(arrows):
    "The first circle of imports that a walk finds, or None."
    def walk(name, way):
        if name in way: return way[way.index(name):] + [name]
        return next(filter(None, (walk(n, way + [name]) for n in sorted(arrows.get(name, ())))), None)
    return next(filter(None, (walk(n, []) for n in sorted(arrows))), None)

def private_twice(trees):
    "Private functions and classes whose name stands for different things in different modules."
    at = defaultdict(list)
    for module, tree in trees.items():
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name.startswith("_") and not patched(node):
                at[node.name].append(module)
    return {name: modules for name, modules in at.items() if len(modules) > 1}

def mistakes(order, trees):
    "What is wrong wherever it is found."
    arrows = {m: set(imports(t)) & set(trees) for m, t in trees.items()}
    if circle := circles(arrows): yield f"modules import each other in a circle: {' -> '.join(circle)}"
    for module, uses in arrows.items():
        for other in sorted(uses, key=order.index):
            if order.index(other) > order.index(module): yield f"{module} imports {other}, which is read later"
    public = {n.name for t in trees.values() for n in t.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and not patched(n)}
    for module in sorted(set(trees) & public): yield f"{module} is the name of a module and of something in the package"
    menu = (NBS/"_quarto.yml").read_text(encoding="utf-8")
    for path in notebooks():
        if path.relative_to(NBS).as_posix() not in menu: yield f"{path.relative_to(ROOT)} is not in the sidebar of _quarto.yml"

def main():
    rows, order, trees = {}, [], {}
    for path in notebooks():
        if (found := measure(path)) is None: continue
        module = module_name(path)
        order.append(module)
        text = (ROOT/"hamux_lit"/f"{module}.py").read_text(encoding="utf-8")
        trees[module] = ast.parse(text)
        rows[path.stem] = {"module": len(text.splitlines())} | found
    columns = list(next(iter(rows.values())))
    print(f"{'':18}" + "".join(f"{c:>11}" for c in columns))
    for name, row in rows.items(): print(f"{name:18}" + "".join(f"{row[c]!s:>11}" for c in columns))
    print(GOALS)
    twice = private_twice(trees)
    print("private names in several modules: " + (", ".join(f"{n} ({', '.join(ms)})" for n, ms in sorted(twice.items())) or "none"))
    wrong = list(mistakes(order, trees))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return bool(wrong)

if __name__ == "__main__": sys.exit(main())
