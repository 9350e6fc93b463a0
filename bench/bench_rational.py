"""Rational activations: hamux_lit side by side with its peers, on one core. Run it with `make bench`.

The peers' functions are transcribed from their formulas, as their packages need CUDA or an old Python:
- rational_activations: a matrix with all powers of each input, and sums over its columns,
- KAT: the same, group by group with batched matrix products; its denominator is 1 + sum |b_j| x^j, which keeps the
  sign of x, so the coefficients have even powers only in that row, where this equals version A.
Contestants take turns in one process; a figure is the median of their turns. Floors read and write as much memory as
must be: forward one array in and one out, forward and backward two and two. The difference is the largest from
hamux_lit, relative to the largest value; at 1e-3 one input lies within rounding of a kink and has the slope of its
other side. Version D is random, so it has none."""
import os, sys
import common

if "--keep-memory" in sys.argv: os.environ |= dict(MALLOC_MMAP_THRESHOLD_="8589934592", MALLOC_TRIM_THRESHOLD_="17179869184")
common.one_core()

import argparse
from functools import partial
import jax, jax.numpy as jnp, numpy as np
from hamux_lit.quotient import rational_function as rational

torch = common.peer("torch")
if torch: torch.set_num_threads(1)
ROWS = []
EPS = dict(A=1., B=1., C=0.1, D=1.)

# ---- the peers, in torch

def powers(x, k, axis):
    "1, x, x^2 to x^(k-1), stacked. (rational_activations now has torch.vander, which this torch can't differentiate.)"
    xs = [torch.ones_like(x)]
    for _ in range(k - 1): xs.append(xs[-1]*x)
    return torch.stack(xs, axis)

def stack(version, x, a, b):
    "rational_activations, CPU, in training (D perturbs its numerator)."
    xs, first = powers(x.reshape(-1), len(a), 1), version != "C"
    p = a*torch.empty_like(a).uniform_(0.9, 1.1) if version == "D" else a
    num, inner = (xs*p).sum(1), xs[:, first:first + len(b)]*b
    return (num/(EPS[version] + (inner.abs().sum(1) if version == "A" else inner.sum(1).abs()))).reshape(x.shape)

def kat(x, a, b):
    "KAT's grouped function: a [g, m+1], b [g, n]."
    g, rows, d = len(a), x.shape[:-1], x.shape[-1]
    z = x.reshape(-1, g, d//g).permute(1, 0, 2).reshape(g, -1)
    xs = powers(z, a.shape[1], 1)
    q = torch.cat([torch.ones(g, 1), b.abs(), torch.zeros(g, a.shape[1] - b.shape[1] - 1)], 1)
    y = torch.bmm(a[:, None], xs)[:, 0]/torch.bmm(q[:, None], xs)[:, 0]
    return y.reshape(g, -1, d//g).permute(1, 0, 2).reshape(*rows, d)

def torch_runs(f, x, a, b, dy):
    x, a, b = (torch.tensor(v, requires_grad=True) for v in (x, a, b))
    dy = torch.tensor(dy)
    def forward():
        with torch.no_grad(): return f(x, a, b)
    def both():
        y = f(x, a, b)
        return y, *torch.autograd.grad(y, (x, a, b), dy)
    return forward, both

# ---- this package and plain autodiff, in JAX

def horner(c, x):
    y = c[-1]
    for k in c[-2::-1]: y = y*x + k
    return y

def plain(version, x, a, b):
    "Horner's rule, left to JAX: one set of coefficients, or a set a group."
    shape, g = x.shape, 1 if a.ndim == 1 else len(a)
    if a.ndim > 1: x, a, b = x.reshape(*shape[:-1], g, -1), a.T[..., None], b.T[..., None]
    a, b, t = list(a), list(b), x
    if version == "A": b, t = [abs(c) for c in b], abs(x)
    s = horner(b, t) if version == "C" else horner(b, t)*t
    return (horner(a, x)/(EPS[version] + (s if version == "A" else abs(s)))).reshape(shape)

def jax_runs(f, *args, dy, dtype=jnp.float32):
    args, dy = jax.block_until_ready([jnp.asarray(v, dtype) for v in args]), jnp.asarray(dy, dtype)
    def both(dy, *args):
        y, back = jax.vjp(f, *args)
        return y, *back(dy)
    forward, both = jax.jit(f), jax.jit(both)
    return lambda: jax.block_until_ready(forward(*args)), lambda: jax.block_until_ready(both(dy, *args))

def floors(x, dy, dtype=jnp.float32):
    x, dy = jnp.asarray(x, dtype), jnp.asarray(dy, dtype)
    one, two = jax.jit(lambda x: x + 1), jax.jit(lambda x, dy: (x + 1, x*dy))
    return lambda: jax.block_until_ready(one(x)), lambda: jax.block_until_ready(two(x, dy))

# ---- the race

def difference(got, true):
    return max(float(np.abs(np.asarray(g) - t).max()/np.abs(t).max()) for g, t in zip(got, true))

def race(title, contestants, ours, skip_check=(), fields=4, seconds=1., least=3):
    "Print one table: milliseconds, how many times as long as ours, and the largest relative difference from ours."
    results = {name: [np.asarray(v.detach() if hasattr(v, "detach") else v) for v in both()]
               for name, (_, both) in contestants.items()}
    for forward, _ in contestants.values(): forward()    # compiled before the race
    fwd = common.median_times({n: c[0] for n, c in contestants.items()}, seconds, least)
    both = common.median_times({n: c[1] for n, c in contestants.items()}, seconds, least)
    print(f"\n{title}\n  {'':34}{'forward':>18}{'forward+backward':>24}{'difference':>13}")
    for n in contestants:
        ROWS.append(dict(title=title, what=n, forward_ms=fwd[n]*1e3, both_ms=both[n]*1e3, forward_of_floor=fwd[n]/fwd["memory floor"],
                         both_of_floor=both[n]/both["memory floor"]))
        same = "" if n in skip_check or n == ours else f"{difference(results[n][:fields], results[ours]):.0e}"
        print(f"  {n:34}{fwd[n]*1e3:9.2f} ms {fwd[n]/fwd[ours]:5.1f}x"
              f"{both[n]*1e3:14.2f} ms {both[n]/both[ours]:6.1f}x{same:>13}", flush=True)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eager", action="store_true", help="leave out torch.compile, which takes a minute")
    parser.add_argument("--quick", action="store_true", help="the smaller array only")
    parser.add_argument("--keep-memory", action="store_true",
                        help="let glibc keep freed memory, so that page faults are not measured. A user has them: "
                             "fresh pages for each large array, dearest where most arrays are made")
    args = parser.parse_args()
    print(f"{common.processor()}, one core; {common.device()}; jax {jax.__version__}, "
          f"torch {common.version('torch')}; degrees 5/4, float32", flush=True)
    rng = np.random.default_rng(0)
    for shape in ((1024, 3072),) if args.quick else ((1024, 3072), (64, 197, 768)):
        x, dy = rng.normal(size=(2, *shape)).astype(np.float32)
        a, b = np.float32([0.1, 0.5, 0.3, 0.05, -0.02, 0.01]), np.float32([0.1, 0.2, -0.05, 0.01])
        size = " x ".join(map(str, shape))
        for version in "ABCD":
            c = np.append(np.float32(0.3), b) if version == "C" else b
            key = jax.random.key(0) if version == "D" else None
            peers = {}
            if torch:
                torch.compiler.reset()    # or it stops compiling after eight functions
                peers["rational_activations, eager"] = partial(stack, version)
            if torch and not args.eager:
                compiled = torch.compile(partial(stack, version), dynamic=False)
                peers["rational_activations, torch.compile"] = compiled
            entries = {"hamux_lit": jax_runs(partial(rational, version=version, key=key), x, a, c, dy=dy),
                       "plain Horner, autodiff": jax_runs(partial(plain, version), x, a, c, dy=dy)}
            if version in "AB":
                entries["hamux_lit, interval"] = jax_runs(partial(rational, version=version, interval=(-3., 3.)), x, a, c, dy=dy)
            entries |= {name: torch_runs(f, x, a, c, dy) for name, f in peers.items()}
            entries["memory floor"] = floors(x, dy)
            unlike = [*entries] if version == "D" else ["memory floor", "hamux_lit, interval"]
            race(f"version {version}, {size}", entries, "hamux_lit", unlike)
            half = {"hamux_lit": jax_runs(partial(rational, version=version, key=key), x, a, c, dy=dy, dtype=jnp.bfloat16),
                    "plain Horner, autodiff": jax_runs(partial(plain, version), x, a, c, dy=dy, dtype=jnp.bfloat16),
                    "memory floor": floors(x, dy, jnp.bfloat16)}
            if version in "AB": race(f"version {version}, {size}, bfloat16", half, "hamux_lit", [*half])
        if torch: torch.compiler.reset()
        factors = np.linspace(0.8, 1.2, 8, dtype=np.float32)[:, None]
        a8, b8 = a*factors, np.float32([0, 0.2, 0, 0.01])*factors
        entries = {"hamux_lit": jax_runs(partial(rational, version="A"), x, a8, b8, dy=dy),
                   "hamux_lit, interval": jax_runs(partial(rational, version="A", interval=(-3., 3.)), x, a8, b8, dy=dy),
                   "plain Horner, autodiff": jax_runs(partial(plain, "A"), x, a8, b8, dy=dy)}
        if torch: entries["KAT, eager"] = torch_runs(kat, x, a8, b8, dy)
        if torch and not args.eager:
            entries["KAT, torch.compile"] = torch_runs(torch.compile(kat, dynamic=False), x, a8, b8, dy)
        entries["memory floor"] = floors(x, dy)
        # fields=3: the slope of |b| at 0, which decides the gradient of the denominator, is a convention
        race(f"version A, 8 groups, {size}", entries, "hamux_lit", ["memory floor", "hamux_lit, interval"], fields=3)
    common.save(__file__, ROWS)

if __name__ == "__main__": main()
