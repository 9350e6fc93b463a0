"""What the benchmarks share: the machine and its versions, turns, peers that may be missing, and a file of results each.

A script ends with `save(__file__, rows)`, which writes build/bench/<script>.json. Run as a program, this one collects
those files into nbs/benchmarks.json, which the page of figures reads: `python bench/common.py`."""
import importlib, importlib.metadata, json, os, pathlib, platform, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER, COLLECTED = ROOT/"build"/"bench", ROOT/"nbs"/"benchmarks.json"
PACKAGES = "jax jaxlib equinox numpy torch hamux micrograd pykan jaxkan".split()
ONE_THREAD = dict(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", TORCHINDUCTOR_COMPILE_THREADS="1")

def one_core():
    "Start this program again with one thread, and stay on one core; on a GPU this holds for the host alone."
    if os.environ.get("HAMUX_BENCH") != "ready":
        flags = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD, "XLA_FLAGS": flags, "HAMUX_BENCH": "ready"})
    if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

def peer(name):
    "A module, or None with a line that says so."
    try: return importlib.import_module(name)
    except ImportError: print(f"{name} is not installed: its rows are left out", flush=True)

def version(package):
    try: return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError: return None

def processor():
    "The name of the processor."
    try: lines = open("/proc/cpuinfo").read().splitlines()
    except OSError: lines = []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor() or platform.machine())

def device():
    "What JAX computes on."
    import jax
    return jax.devices()[0].device_kind

def median_times(runs, seconds=1., least=3, most=40, clock=time.perf_counter):
    "Median seconds of each, in turns within one process; one that takes long has fewer turns, and `least` at least."
    times, spent = {name: [] for name in runs}, dict.fromkeys(runs, 0.)
    for turn in range(most):
        for name, run in runs.items():
            if turn >= least and spent[name] > seconds: continue
            start = clock()
            run()
            times[name].append(clock() - start)
            spent[name] += times[name][-1]
    return {name: sorted(t)[len(t)//2] for name, t in times.items()}

def save(script, rows):
    "Write the rows of a script, dictionaries of words and numbers, with what they were measured on."
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    about = dict(processor=processor(), cores=os.cpu_count(), load=load, device=device(), python=platform.python_version(),
                 date=time.strftime("%Y-%m-%d"), versions={p: v for p in PACKAGES if (v := version(p))})
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER/f"{pathlib.Path(script).stem.removeprefix('bench_')}.json"
    path.write_text(json.dumps(dict(about=about, rows=[{"device": about["device"], **row} for row in rows]), indent=1))
    print(f"written: {path.relative_to(ROOT)}", flush=True)

def short(value): return float(f"{value:.3g}") if isinstance(value, float) else value

def collect():
    "The files of build/bench, in one small file for the page; figures of scripts that did not run stay."
    found = json.loads(COLLECTED.read_text()) if COLLECTED.exists() else {}
    for path in sorted(FOLDER.glob("*.json")):
        one = json.loads(path.read_text())
        found[path.stem] = dict(about=one["about"], rows=[{k: short(v) for k, v in row.items()} for row in one["rows"]])
    lines = [f' "{name}": {{"about": {json.dumps(one["about"])}, "rows": [\n  ' + ",\n  ".join(map(json.dumps, one["rows"])) + "]}"
             for name, one in sorted(found.items())]
    COLLECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"collected: {', '.join(sorted(found))}")

if __name__ == "__main__": collect()
