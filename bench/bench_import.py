"""How much `import hamux_lit` adds to importing what it stands on, in fresh interpreters, in turn."""
import os, statistics, subprocess, sys, time
import common

ROUNDS = 15
CONTESTANTS = {"jax.numpy, equinox": "import jax.numpy, equinox", "hamux_lit": "import hamux_lit"}

def seconds(code):
    "Wall time of one fresh interpreter that runs `code`, with byte code kept, as that of an installed package is."
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    return time.perf_counter() - start

if __name__ == "__main__":
    for code in CONTESTANTS.values(): seconds(code)    # once for the disk cache
    times = {name: [] for name in CONTESTANTS}
    for _ in range(ROUNDS):
        for name, code in CONTESTANTS.items(): times[name].append(seconds(code))
    medians = {name: statistics.median(t) for name, t in times.items()}
    for name, t in medians.items(): print(f"import {name:20} {t:.3f} s")
    print(f"ratio {medians['hamux_lit']/medians['jax.numpy, equinox']:.3f}")
    common.save(__file__, [dict(what=f"import {name}", seconds=t) for name, t in medians.items()])
