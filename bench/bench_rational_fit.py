"""How long fits and gains take: swish in a fresh interpreter, the 66 cases of the notebook, degrees 8/6, gains warm."""
import statistics, subprocess, sys, time
import common
from hamux_lit.fitting import fit_rational, variance_gain

TARGETS = "identity relu leaky_relu swish gelu tanh sigmoid softplus elu mish sin".split()
COLD = "from hamux_lit.fitting import fit_rational; f = fit_rational('swish', (6, 5), 'B'); print(f.rmse, f.seconds)"

def seconds(f):
    "Wall time of a call."
    start = time.perf_counter()
    f()
    return time.perf_counter() - start

if __name__ == "__main__":
    rows = []
    rmse, cold = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, check=True).stdout.split()
    print(f"swish 6/5 B, first fit of a program: rmse {float(rmse):.4e}, {float(cold):.2f} s")
    rows.append(dict(what="swish 6/5 B, first fit of a program", seconds=float(cold), rmse=float(rmse)))
    cases = [(t, d, v) for t in TARGETS for d in ((5, 4), (6, 5)) for v in "ABC"]
    times = [seconds(lambda: fit_rational(*case)) for case in cases]
    print(f"{len(cases)} cases: {sum(times):.1f} s in all, {statistics.median(times):.2f} s in the median, {max(times):.2f} s at most")
    rows.append(dict(what=f"{len(cases)} fits of degrees 5/4 and 6/5, median", seconds=statistics.median(times)))
    for target in ("swish", "softplus", "mish", "gelu", "relu"):
        fit = fit_rational(target, (8, 6), "B")
        rows.append(dict(what=f"{target} 8/6 B", seconds=fit.seconds, rmse=fit.rmse))
        print(f"{target:9} 8/6 B: rmse {fit.rmse:.2e}, {fit.seconds:.2f} s")
    gains = [seconds(lambda: variance_gain(t)) for t in TARGETS for _ in range(5)]
    print(f"variance_gain: {1000*statistics.median(gains):.1f} ms in the median, {1000*max(gains):.1f} ms at most")
    common.save(__file__, rows)
