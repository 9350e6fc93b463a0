"""A KAN layer: hamux_lit side by side with its peers, on one core. Run it with `make bench`.

All compute y_j = sum_i base_ij silu(x_i) + scale_ij sum_b coef_ijb B_b(x_i) in float32, with the same weights, on
uniform knots unless a row says otherwise, and all gradients: of the input, the coefficients and both scales.
- pykan: its KANLayer, - jaxKAN: its SplineLayer under jit, - efficient-kan: transcribed from its formula (all bases by
the recursion, then one product of matrices), eager and under torch.compile, - plain: the same in JAX, with autodiff,
- jaxKAN's formula: what its SplineLayer computes, written out, for where it is not installed.
A peer that is not installed is left out.
Contestants take turns in one process; a figure is the median of their turns, in processor time, so that neighbours on
the machine count less (on a GPU, in time that passes). The first call, with gradients, includes compiling. The floor is the one product of matrices,
with its gradients, that all bases at once would take.
The difference is the largest from hamux_lit, relative to the largest value."""
import common

common.one_core()
import argparse, itertools, time
from functools import partial
import jax, jax.numpy as jnp, numpy as np
from importlib.util import find_spec
from scipy.interpolate import BSpline
from hamux_lit.spline import coef2curve
from hamux_lit.spline_layer import _sum_by_basis, _sum_by_input, _spline_sum, spline_sum

torch = None
if find_spec("torch"):
    import torch
    torch.set_num_threads(1)
K, ROWS = 3, []
CLOCK = time.process_time if jax.default_backend() == "cpu" else time.perf_counter
SHAPES = ((1024, 64, 64, 5), (1024, 64, 64, 64), (4096, 16, 16, 5), (256, 256, 256, 5), (1024, 64, 64, 256))

def problem(batch, inputs, outputs, G, uniform=True, seed=0):
    "Input, extended knots, coefficients, scales of base and spline, cotangent."
    rng = np.random.default_rng(seed)
    inner = np.tile(np.linspace(-1, 1, G + 1), (inputs, 1))
    if not uniform: inner[:, 1:-1] = np.sort(rng.uniform(-1, 1, (inputs, G - 1)), 1)
    out = 2/G*np.arange(1, K + 1)
    grid = np.hstack([inner[:, :1] - out[::-1], inner, inner[:, -1:] + out])
    x, dy = rng.uniform(-0.999, 0.999, (batch, inputs)), rng.normal(size=(batch, outputs))
    coef, scales = 0.1*rng.normal(size=(inputs, outputs, G + K)), rng.normal(size=(2, inputs, outputs))/inputs**0.5
    base, scale = scales
    return [np.asarray(v, np.float32) for v in (x, grid, coef, base, scale, dy)]

def exact(x, grid, coef, base, scale):
    "In float64, with scipy's splines."
    x, grid, coef, base, scale = (np.asarray(v, np.float64) for v in (x, grid, coef, base, scale))
    y = x/(1 + np.exp(-x))@base
    for u, t, c, s in zip(x.T, grid, coef, scale): y += s*BSpline(t, c.T, K)(u)
    return y

# ---- layers: f(grid, x, coef, base, scale)

def ours(grid, x, coef, base, scale): return jax.nn.silu(x)@base + spline_sum(x, grid, coef, K, scale)

def bases(x, grid):
    "All bases by the recursion, [batch, in, G+k]: for JAX and torch."
    x = x[..., None]
    b = 1.*((x >= grid[:, :-1]) & (x < grid[:, 1:]))
    for p in range(1, K + 1):
        rise, fall = x - grid[:, :-p - 1], grid[:, p + 1:] - x
        b = rise/(grid[:, p:-1] - grid[:, :-p - 1])*b[..., :-1] + fall/(grid[:, p + 1:] - grid[:, 1:-p])*b[..., 1:]
    return b

def plain(grid, x, coef, base, scale):
    return jax.nn.silu(x)@base + jnp.einsum("nib,iob->no", bases(x, grid), coef*scale[..., None])

def jaxkan_formula(grid, x, coef, base, scale):
    "As in its SplineLayer: coef [out, in, G+k], base and scale [out, in]."
    weight = (coef*scale[..., None]).reshape(len(coef), -1)
    return bases(x, grid).reshape(len(x), -1)@weight.T + jax.nn.silu(x)@base.T

def efficient_kan(grid, x, coef, base, scale):
    "With its own layout: coef [out, in, G+k], base and scale [out, in]."
    linear, silu = torch.nn.functional.linear, torch.nn.functional.silu
    weight = (coef*scale[..., None]).reshape(len(coef), -1)
    return linear(silu(x), base) + linear(bases(x, grid).reshape(len(x), -1), weight)

def jaxkan(shape, x, coef, base, scale):
    "Its module, taken apart and put together again with these weights, [out, in, ...] as in efficient-kan."
    from flax import nnx
    from jaxkan.layers.Spline import SplineLayer
    _, inputs, outputs, G = shape
    layer = SplineLayer(n_in=inputs, n_out=outputs, k=K, G=G, add_bias=False)
    graph, state = nnx.split(layer)
    def f(x, coef, base, scale):
        layer = nnx.merge(graph, state)
        layer.c_basis, layer.c_res, layer.c_spl = nnx.Param(coef), nnx.Param(base), nnx.Param(scale)
        return layer(x)
    return f, x, coef, base, scale

def pykan(shape, grid, x, coef, base, scale):
    from kan import KANLayer
    _, inputs, outputs, G = shape
    layer = KANLayer(inputs, outputs, G, K)
    for name, v in dict(grid=grid, coef=coef, scale_base=base, scale_sp=scale).items():
        getattr(layer, name).data = torch.tensor(v)
    x = torch.tensor(x, requires_grad=True)
    return lambda: layer(x)[0], [x, layer.coef, layer.scale_base, layer.scale_sp]

# ---- runs: forward, and forward with gradients

def jax_runs(f, *args, dy):
    args, dy = jax.block_until_ready([jnp.asarray(v) for v in args]), jnp.asarray(dy)
    def both(dy, *args):
        y, back = jax.vjp(f, *args)
        return y, *back(dy)
    forward, both = jax.jit(f), jax.jit(both)
    return lambda: jax.block_until_ready(forward(*args)), lambda: jax.block_until_ready(both(dy, *args))

def torch_runs(f, params, dy):
    dy = torch.tensor(dy)
    def forward():
        with torch.no_grad(): return f()
    def both():
        y = f()
        return y, *torch.autograd.grad(y, params, dy)
    return forward, both

def outputs_first(*arrays): return [np.ascontiguousarray(np.swapaxes(v, 0, 1)) for v in arrays]

def torch_contestants(shape, x, grid, weights, turned, dy):
    tensors, knots = [torch.tensor(v, requires_grad=True) for v in (x, *turned)], torch.tensor(grid)
    yield "efficient-kan, eager", torch_runs(lambda: efficient_kan(knots, *tensors), tensors, dy)
    if find_spec("kan"):
        f, params = pykan(shape, grid, x, *weights)
        yield "pykan, eager", torch_runs(f, params, dy)
    if shape[-1] < 64:
        compiled = torch.compile(efficient_kan, dynamic=False)
        yield "efficient-kan, torch.compile", torch_runs(lambda: compiled(knots, *tensors), tensors, dy)

def contestants(shape, seed=0):
    batch, inputs, outputs, G = shape
    x, grid, *weights, dy = problem(*shape, seed=seed)
    turned = outputs_first(*weights)
    knots, irregular = jnp.asarray(grid), problem(*shape, uniform=False, seed=seed)
    yield "hamux_lit", jax_runs(partial(ours, knots), x, *weights, dy=dy)
    yield "hamux_lit, random knots", jax_runs(partial(ours, jnp.asarray(irregular[1])), x, *weights, dy=dy)
    yield "jaxKAN's formula, jit", jax_runs(partial(jaxkan_formula, knots), x, *turned, dy=dy)
    if find_spec("jaxkan"):
        f, *args = jaxkan(shape, x, *turned)
        yield "jaxKAN, jit", jax_runs(f, *args, dy=dy)
    if torch: yield from torch_contestants(shape, x, grid, weights, turned, dy)
    if G <= 64: yield "plain formula in JAX, jit", jax_runs(partial(plain, jnp.asarray(grid)), x, *weights, dy=dy)
    rng, wide = np.random.default_rng(1), (G + K + 1)*inputs
    A, B = (rng.normal(size=s).astype(np.float32) for s in ((batch, wide), (wide, outputs)))
    yield "matrix product", jax_runs(jnp.matmul, A, B, dy=dy)

# ---- the race

def median_times(runs, seconds, least): return common.median_times(runs, seconds, least, 60, CLOCK)

def host(values): return [np.asarray(v.detach() if hasattr(v, "detach") else v) for v in values]

def alike(name, values):
    "In one layout: inputs before outputs."
    return values if name.startswith(("hamux", "plain", "pykan")) else values[:2] + outputs_first(*values[2:])

def race(shape, seconds=1., least=3):
    "Print one table: milliseconds, how many times as long as ours, and the largest relative difference from ours."
    if torch: torch.compiler.reset()
    x, grid, *weights, _ = problem(*shape)
    runs = dict(contestants(shape))
    first = {}
    for name, (_, both) in runs.items():
        start = CLOCK()
        first[name] = host(both()), CLOCK() - start
        runs[name][0]()    # compiled before the race
    fwd = median_times({n: c[0] for n, c in runs.items()}, seconds, least)
    both = median_times({n: c[1] for n, c in runs.items()}, seconds, least)
    true = exact(x, grid, *weights)
    own, mine = "hamux_lit", first["hamux_lit"][0]
    error = np.abs(mine[0] - true).max()/np.abs(true).max()
    print(f"\n(batch, in, out, G) = {shape}; error of hamux_lit against float64: {error:.0e}")
    print(f"  {'':29}{'forward':>20}{'forward+backward':>24}{'first call':>12}{'difference':>12}")
    for n in runs:
        same = ""
        if n not in (own, "matrix product", "hamux_lit, random knots"):
            pairs = zip(alike(n, first[n][0]), mine)
            same = f"{max(np.abs(a - b).max()/np.abs(b).max() for a, b in pairs):.0e}"
        print(f"  {n:29}{fwd[n]*1e3:9.2f} ms {fwd[n]/fwd[own]:6.1f}x{both[n]*1e3:13.2f} ms {both[n]/both[own]:6.1f}x"
              f"{first[n][1]:10.2f} s{same:>12}", flush=True)
        ROWS.append(dict(batch=shape[0], inputs=shape[1], outputs=shape[2], intervals=shape[3], what=n, forward_ms=1e3*fwd[n], forward_of_ours=fwd[n]/fwd[own],
                         both_ms=1e3*both[n], both_of_ours=both[n]/both[own], first_call=first[n][1]))

def compare_forms():
    "Where each form of `spline_sum` wins: how many times as long basis by basis takes as input by input."
    print("\ntime basis by basis / time input by input\n  (batch, in, out)   G + k   forward   forward+backward")
    shapes = (4096, 16, 16), (1024, 64, 64), (256, 256, 256)
    for (batch, inputs, outputs), n in itertools.product(shapes, (8, 16, 24, 48)):
        x, grid, coef, *_, dy = problem(batch, inputs, outputs, n - K)
        runs = {form: jax_runs(lambda x, c, form=form: _spline_sum(x, jnp.asarray(grid), c, K, form), x, coef, dy=dy)
                for form in (_sum_by_basis, _sum_by_input)}
        for run in (r for pair in runs.values() for r in pair): run()
        ratios = []
        for i in range(2):
            times = median_times({form: pair[i] for form, pair in runs.items()}, 1., 3)
            ratios.append(times[_sum_by_basis]/times[_sum_by_input])
        print(f"  {str((batch, inputs, outputs)):18} {n:5} {ratios[0]:9.1f} {ratios[1]:18.1f}", flush=True)

def many_points(n=1_000_000):
    "One spline at many points, on knots of all kinds: milliseconds, forward and with gradients."
    print(f"\ncoef2curve at {n} points, ms forward · with gradients\n" + f"  {'G':>6}" + "".join(f"{name:>16}" for name in KNOTS))
    x, dy = np.random.default_rng(0).uniform(-1, 1, (n, 1)).astype(np.float32), np.ones((n, 1, 1), np.float32)
    rows = []
    for G in (5, 64, 1024, 4096):
        coef = np.random.default_rng(1).normal(size=(1, 1, G + K)).astype(np.float32)
        for name, knots in KNOTS.items():
            grid = jnp.asarray(knots(G + 1 + 2*K), jnp.float32)[None]
            runs = jax_runs(lambda x, c: coef2curve(x, grid, c, K), x, coef, dy=dy)
            for run in runs: run()
            forward, both = (1e3*median_times({0: run}, 1., 5)[0] for run in runs)
            rows.append(dict(intervals=G, knots=name, forward_ms=forward, both_ms=both))
        cells = (f"{row['forward_ms']:.1f} · {row['both_ms']:.1f}" for row in rows[-len(KNOTS):])
        print(f"  {G:6}" + "".join(f"{cell:>16}" for cell in cells), flush=True)
    common.save("bench_kan_points", rows)

KNOTS = {"even": lambda T: np.linspace(-1.2, 1.2, T), "random": lambda T: np.sort(np.random.default_rng(2).uniform(-1.2, 1.2, T)),
         "normal": lambda T: np.sort(np.random.default_rng(2).normal(size=T)), "thrice each": lambda T: np.linspace(-1.2, 1.2, T)[np.arange(T)//3*3],
         "powers": lambda T: np.exp(np.linspace(-30, 0.2, T))}

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the first shape only")
    parser.add_argument("--rows", type=int, nargs="*", help=f"which of the shapes {SHAPES}, counted from 0")
    parser.add_argument("--points", action="store_true", help="only one spline at a million points")
    parser.add_argument("--forms", action="store_true", help="only where each form of the evaluation wins")
    args = parser.parse_args()
    rows = [0] if args.quick else args.rows if args.rows is not None else range(len(SHAPES))
    print(f"{common.processor()}, one core; {common.device()}; jax {jax.__version__}, "
          f"torch {torch.__version__ if torch else 'not installed'}; cubic splines, float32", flush=True)
    if args.forms: return compare_forms()
    if args.points: return many_points()
    jax_runs(jnp.matmul, *np.ones((2, 8, 8), np.float32), dy=np.ones((8, 8), np.float32))[1]()    # wake JAX up
    for row in rows: race(SHAPES[row])
    common.save(__file__, ROWS)
    many_points()

if __name__ == "__main__": main()
