"""What `make test` runs: exports, notebooks and README in sync, every notebook, the website in a browser.

Nothing here changes a notebook or a module: what could is done to a copy. A failing step does not stop the next.

Most of a notebook's time goes into tracing and compiling many small programs once each, so tests ask XLA to compile quickly
rather than well, and Python to look for garbage seldom. `make test FLAGS=` compiles as a user's programs are compiled; a release
runs that. What has been compiled is kept in build/xla, a folder a notebook, for the next run, unless this is CI, which has none.
What has passed is not run again while nothing that it may depend on has changed: build/passed remembers, and
`rm -r build/passed` makes it forget."""
import gc, hashlib, importlib.metadata, json, multiprocessing, os, re, shutil, sys, tempfile, time, traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from textwrap import indent
from common import BIN, ROOT, headless, notebooks, run

TOOLS = ROOT/"tools"
FLAGS = ("--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1", "--xla_backend_optimization_level=0")
TRAINS = {"digits", "any_pixels", "what_becomes_of_memories"}    # by name of the notebook: slow code costs these more than quick compiling saves
# Imported once, in a process that does nothing else and is forked for each notebook
IMPORTED = "nbdev.test", "hamux_lit", "optax", "matplotlib.pyplot", "scipy.optimize", "sklearn.datasets"

PASSED = ROOT/"build/passed"

@cache
def surroundings():
    "What every check depends on: the package, the tools, what is installed, the compiler's flags."
    files = [*ROOT.glob("hamux_lit/**/*.py"), *ROOT.glob("tools/**/*.py"), ROOT/"settings.ini"]
    installed = sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions())
    return [sys.version, shutil.which("quarto"), shutil.which("chromium"), os.environ.get("FLAGS"), os.environ.get("XLA_FLAGS"), *installed,
            *(f"{p.relative_to(ROOT)} {p.read_bytes()}" for p in sorted(files))]

def fingerprint(paths):
    "A number that changes with these files and all that a check depends on beside them."
    held = [f"{p.relative_to(ROOT)} {p.read_bytes()}" for p in sorted(paths)]
    return hashlib.sha256(repr([surroundings(), held]).encode()).hexdigest()

def step(name, check, always=False, of=()):
    """Prints how a check went and, where it failed or `always`, what it said; returns whether it passed.
    A check `of` files is not made again while they and what lies around them are as they were when it passed."""
    start, key, note = time.time(), fingerprint(of), PASSED/re.sub(r"\W+", "_", name)
    if of and note.exists() and note.read_text() == key:
        print(f"ok    as before  {name}", flush=True)
        return True
    try: ok, said = check()
    except Exception: ok, said = False, traceback.format_exc()
    if of and ok:
        PASSED.mkdir(parents=True, exist_ok=True)
        note.write_text(key)
    lines = [f"{'ok' if ok else 'FAIL':<5}{time.time() - start:6.1f} s  {name}"]
    if said and (always or not ok): lines.append(indent(said.strip(), " "*6))
    print("\n".join(lines), flush=True)    # in one piece, as two notebooks are tested at a time
    return ok

def passed(done):
    "A finished program as a check's answer."
    return done.returncode == 0, done.stdout

@contextmanager
def scratch():
    "A throw-away copy of what export and clean read and write."
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copy(ROOT/"settings.ini", copy)
        for name in ("nbs", "hamux_lit"): shutil.copytree(ROOT/name, copy/name, symlinks=True)
        yield copy

def differing(copy, glob):
    "The files that match `glob` here or in the copy and are not the same in both."
    names = {p.relative_to(base) for base in (ROOT, copy) for p in base.glob(glob)}
    read = lambda p: p.read_bytes() if p.exists() else None
    return sorted(str(n) for n in names if read(ROOT/n) != read(copy/n))

def exports():
    "The modules are what the notebooks export."
    with scratch() as copy:
        for module in copy.glob("hamux_lit/*.py"):
            if module.name != "__init__.py": module.unlink()    # so that one that no notebook exports any more is found
        done = run(BIN/"nbdev_export", cwd=copy)
        stale = differing(copy, "hamux_lit/**/*.py")
    if done.returncode: return passed(done)
    return not stale, f"not what the notebooks export, run `make export`: {', '.join(stale)}"

def outputs(path):
    "What is wrong with a notebook's stored outputs."
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        found, source = cell.get("outputs", []), "".join(cell["source"])
        if any(o["output_type"] == "error" for o in found): yield f"an error is stored in cell {cell['id']}"
        pictured = any(key.startswith("image/") for o in found for key in o.get("data", {}))
        if "#| fig-alt:" in source and not pictured: yield f"no picture is stored in cell {cell['id']}"

def clean():
    "The notebooks hold no metadata that `nbdev_clean` would take out, and their stored outputs can be shown."
    with scratch() as copy:
        done = run(BIN/"nbdev_clean", cwd=copy)
        dirty = differing(copy, "nbs/**/*.ipynb")
    if done.returncode: return passed(done)
    wrong = [f"{name}: not clean, run `make export`" for name in dirty]
    wrong += [f"{p.relative_to(ROOT)}: {w}, run `make notebooks`" for p in notebooks() for w in outputs(p)]
    return not wrong, "\n".join(wrong)

def plain_name(path): return re.sub(r"^\d+_", "", path.stem)

@cache
def known_flags(flags):
    "Those of the flags that the installed XLA knows: a process that names another is ended by it."
    def known(flags): return not run(sys.executable, "-c", "import jax; jax.devices()", XLA_FLAGS=flags).returncode
    return flags if known(flags) else " ".join(filter(known, flags.split()))

def compiler_flags(quick=" ".join(FLAGS)):
    "What XLA is told: what the environment has, then `quick` unless FLAGS says otherwise."
    asked = os.environ.get("FLAGS")    # empty for none
    return f"{os.environ.get('XLA_FLAGS', '')} {known_flags(quick) if asked is None else asked}".strip()

def compiling(path):
    "What makes XLA compile quickly for a notebook's tests, and the folder that keeps what it has compiled."
    name = plain_name(path)
    cache = ROOT/"build/xla"/path.parent.name/name
    cache.mkdir(parents=True, exist_ok=True)
    return compiler_flags(*FLAGS[:1]*(name in TRAINS)), str(cache)

def run_cells(path, flags, cache, said):
    "Runs a notebook's cells as tests, in a process of its own: it prints to the file `said`, and ends with 1 where one fails."
    log = os.open(said, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2): os.dup2(log, stream)
    os.environ["XLA_FLAGS"] = flags    # read when the first program is compiled
    import jax
    from nbdev.test import test_nb
    jax.config.update("jax_include_full_tracebacks_in_locations", False)    # of operations within programs; errors have theirs
    if os.environ.get("CI") != "true":
        jax.config.update("jax_compilation_cache_dir", cache)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.)
    gc.set_threshold(200_000, 50, 100)    # traces are made of many small objects that live long: a tenth of the time
    passed, _ = test_nb(path, basepath=ROOT)
    sys.exit(not passed)

def notebook(path, processes):
    "Whether a notebook's cells pass, and what they print."
    with tempfile.NamedTemporaryFile() as said:
        child = processes.Process(target=run_cells, args=(path, *compiling(path), said.name))
        child.start()
        child.join()
        return child.exitcode == 0, said.read().decode(errors="replace")

def script(*args, **env): return lambda: passed(run(sys.executable, *args, **env))

def website(how, *again):
    "Builds the site and opens each page."
    built, said = script(TOOLS/"docs.py", how)()
    if not built: return built, said
    seen, found = script(TOOLS/"check_site.py", *again)()
    return seen, said + found

def websites():
    "The site by either builder that there is."
    of = [p for p in (ROOT/"nbs").rglob("*") if p.is_file() and p.name != "nbdev.yml" and "/." not in str(p)] + [ROOT/"_quarto.yml"]
    def made(builder, *args):
        return step(f"website, built by {builder}, in a browser", lambda: website(*args), always=True, of=of)
    built = [made("smalldocs", "--small")]
    if shutil.which("quarto"): built.append(made("Quarto", "--staged", "--again"))    # of what was processed and looked at just now
    return all(built)

def size(path):
    "How much code a notebook has, which is about how long it runs; one that trains comes before all others."
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return plain_name(path) in TRAINS, sum(len("".join(c["source"])) for c in cells if c["cell_type"] == "code")

def main():
    steps = [step("modules in sync with the notebooks", exports),
             step("notebooks clean", clean),
             step("README in sync with nbs/index.ipynb", script(TOOLS/"readme.py", "--check")),
             step("how the notebooks are cut", script(TOOLS/"measure.py"), always=True)]
    os.environ.update(headless(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1"))    # notebooks share the cores: idle threads of each would spin
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(list(IMPORTED))
    with ThreadPoolExecutor(3) as pool:    # for two cores, as a browser mostly waits; the longest first, so that they end together
        site = pool.submit(websites)
        def script_step(name, file, **options):
            checked = script(TOOLS/file, XLA_FLAGS=compiler_flags())
            return pool.submit(step, name, checked, of=[TOOLS/file], **options)
        seams = script_step("promises that every module keeps", "check_seams.py")
        properties = script_step("properties of every public callable", "properties.py", always=True)
        def test(path):
            beside = [p for p in path.parent.glob("*") if p.suffix in (".json", ".csv", ".npz")]
            return step(str(path.relative_to(ROOT)), lambda: notebook(path, processes), of=[path, *beside])
        results = list(pool.map(test, sorted(notebooks(), key=size, reverse=True)))
        steps += [site.result(), seams.result(), properties.result()]
    if not all(steps): print(f"{steps.count(False)} of the steps around the notebooks failed, see above")
    print(f"{sum(results)} passed, {results.count(False)} failed")
    return not all(steps + results)

if __name__ == "__main__": sys.exit(main())
