"""What holds of every public callable, whatever it is given: `python tools/properties.py`, with --long ten times as much of it.

Four themes, each a file in tools/themes: bad input, values, files, descent. Cases are drawn by hypothesis from fixed seeds.
A public name without a recipe in tools/recipes.py fails: add one line there, which says how it is called."""
import argparse, importlib, os, sys, time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from common import ROOT, run
from test import compiler_flags

THEMES = "bad_input", "values", "descent", "files"    # the longest first

def missing():
    "Public names that no check touches, and recipes for names that there are none of."
    from recipes import HOOKS, RECIPES, RECORDS
    from themes.common import public_names
    names = set(public_names())
    hooks = {name for name in names - RECIPES.keys() if name.split(".")[-1] in HOOKS}
    for name in sorted(names - RECIPES.keys() - RECORDS.keys() - hooks):
        what = "arguments that it can be called with to RECIPES" if "." in name else "arguments to RECIPES, or, if functions return it, one to RECORDS"
        yield f"{name}: no check touches it: add {what}, in tools/recipes.py"
    for name in sorted((RECIPES.keys() | RECORDS.keys()) - names): yield f"{name}: a recipe for what is not there, in tools/recipes.py"
    print(f"{len(names)} public names and methods: {len(names & RECIPES.keys())} called, {len(names & RECORDS.keys() - RECIPES.keys())} looked at as results, {len(hooks)} hooks")

def theme(name, long, only):
    "Run one theme here; what is wrong, a line each."
    sys.path.insert(0, str(ROOT))
    begin = time.time()
    wrong = 0
    for line in chain(importlib.import_module(f"themes.{name}").lines(long, only), missing() if name == "bad_input" and not only else ()):
        print(line, flush=True)
        wrong += 1
    print(f"{name}, {time.time() - begin:.0f} s: {f'{wrong} wrong' if wrong else 'ok'}")
    return not wrong

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", default=bool(os.environ.get("LONG")), help="ten times as much; so does LONG=1")
    parser.add_argument("--theme", choices=THEMES, help="this one, in this process")
    parser.add_argument("--only", help="names that hold this")
    args = parser.parse_args()
    if args.theme: return not theme(args.theme, args.long, args.only)
    cache = ROOT/"build/xla/properties"
    cache.mkdir(parents=True, exist_ok=True)
    def each(name):
        more = ["--long"]*args.long + (["--only", args.only] if args.only else [])
        return run(sys.executable, Path(__file__), "--theme", name, *more, XLA_FLAGS=compiler_flags(), JAX_COMPILATION_CACHE_DIR=str(cache), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS="0.1")
    with ThreadPoolExecutor(2) as pool: done = list(pool.map(each, THEMES))
    for result in done: print(result.stdout.strip())
    return any(result.returncode for result in done)

if __name__ == "__main__": sys.exit(main())
