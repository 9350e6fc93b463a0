"""Two claims of the KAN paper (Liu et al. 2024, arXiv 2404.19756), measured: how the error falls with the grid, and special functions
beside MLPs.

    bench_kan_paper.py             a small part of both, some minutes on one core
    bench_kan_paper.py scaling     the five functions of the paper, to the finest grids
    bench_kan_paper.py special     the fifteen special functions, all shapes and seeds

Results are written to build/bench/kan_scaling.json and kan_special.json after every function, with date and machine, so that a run
which is cut off keeps what it has. All of it in float64 and with the L-BFGS of the package on all samples at once. The factor
`scale_sp` of the splines is not learned, as it says nothing that the coefficients do not say."""
import os, sys
import common

os.environ["TQDM_DISABLE"] = "1"
common.one_core()
import time
import equinox as eqx, jax, jax.numpy as jnp, numpy as np
from scipy import special
from hamux_lit.arrays import x64
from hamux_lit.kan import KAN
from hamux_lit.module import parameters
from hamux_lit.quasi_newton import LBFGS
from hamux_lit.training import train

OPTIMIZER = LBFGS(memory=100)
KAN_SETTINGS = dict(freeze="scale_sp", extrapolation="linear")

def number_of_parameters(model):
    "Learned numbers: for a KAN, G + k coefficients and the residual's factor on each edge."
    return sum(v.size for v in jax.tree.leaves(eqx.filter(model, parameters(model))))

def vmapped(model, x, y): return jnp.mean((jax.vmap(model)(x) - y)**2)

@eqx.filter_jit
def mean_square(model, x, y): return vmapped(model, x, y)

def rmse(model, x, y): return float(mean_square(model, x, y))**0.5

# ---- Scaling: error against intervals of the grid

FIVE = {    # name: shape, function, samples, steps on each grid, starts, grids
    "J0(20x)": ((1, 1), lambda x: special.j0(20*x[:, :1]), 1000, 300, 1, (12, 24, 48, 96, 192)),
    "exp(sin(pi x) + y^2)": ((2, 1, 1), lambda x: np.exp(np.sin(np.pi*x[:, :1]) + x[:, 1:]**2), 1000, 400, 5, (3, 6, 12, 24, 48)),
    "x y": ((2, 2, 1), lambda x: x[:, :1]*x[:, 1:], 1000, 400, 5, (3, 6, 12, 24, 48)),
    "four variables": ((4, 4, 2, 1), lambda x: np.exp(sum(np.sin(np.pi*(a**2 + b**2)) for a, b in (x.T[:2], x.T[2:]))/2)[:, None], 3000, 1000, 6, (3, 6, 12, 24)),
    "100 variables": ((100, 1, 1), lambda x: np.exp(np.mean(np.sin(np.pi*x/2)**2, 1, keepdims=True)), 3000, 600, 1, (3, 6, 12)),
}

def of_equal_size(count, inputs, depth=2):
    "The width at which an MLP has about as many parameters as that."
    sizes = {w: (inputs + 1)*w + (depth - 1)*(w + 1)*w + w + 1 for w in range(1, 200)}
    return min(sizes, key=lambda w: abs(sizes[w] - count))

def start_kan(shape, grid, data, starts):
    "Of several starts, the one with the lowest loss after 200 steps."
    fits = [KAN(shape, grid=grid, key=jax.random.key(seed), grid_margin=0.02, **KAN_SETTINGS).fit(data, steps=200, optimizer=OPTIMIZER, progress=False)
            for seed in range(starts)]
    return min(fits, key=lambda fit: fit[1]["loss"][-1])[0]

def scaling_rows(name):
    "RMSE for each grid, and that of an MLP with as many parameters."
    shape, f, n, steps, starts, grids = FIVE[name]
    rng = np.random.default_rng(0)
    data, test = ((x, f(x)) for x in (rng.uniform(-1, 1, (n, shape[0])), rng.uniform(-1, 1, (4000, shape[0]))))
    model = start_kan(shape, grids[0], data, starts)
    for number, grid in enumerate(grids, 1):
        model, _ = (model.refine(grid) if number > 1 else model).fit(data, steps=steps, optimizer=OPTIMIZER, stop_grid_update_step=25, progress=False)
        row = dict(function=name, shape=shape, grid=grid, parameters=number_of_parameters(model), train=rmse(model, *data), test=rmse(model, *test))
        width = of_equal_size(row["parameters"], shape[0])
        fits = [train(eqx.nn.MLP(shape[0], 1, width, 2, activation=jnp.tanh, key=jax.random.key(seed)), data, loss=vmapped,
                      steps=steps*number, optimizer=OPTIMIZER, progress=False) for seed in range(min(starts, 3))]
        mlp = min(fits, key=lambda fit: fit[1]["loss"][-1])[0]
        yield row | dict(mlp_width=width, mlp_parameters=number_of_parameters(mlp), mlp_train=rmse(mlp, *data), mlp_test=rmse(mlp, *test))

def bench_scaling(names=FIVE):
    rows, start = [], time.perf_counter()
    for name in names:
        for row in scaling_rows(name):
            rows.append(row)
            common.save("bench_kan_scaling", rows)
            print("{function:22} {shape} G = {grid:3}: test RMSE {test:.1e} (train {train:.1e}) with {parameters} parameters; "
                  "MLP {mlp_test:.1e} with {mlp_parameters}".format(**row), flush=True)
    print(f"{time.perf_counter() - start:.0f} s")

# ---- Special functions: x in [-1, 1]^2 is mapped to the ranges of the two arguments

def harmonic(m, n): return lambda azimuth, polar: special.sph_harm_y(n, m, polar, azimuth).real    # of scipy 1.15 and newer

SPECIAL = {    # name: function and ranges
    "ellipj": (lambda u, m: special.ellipj(u, m)[0], (0, 6), (0, 0.95)),
    "ellipkinc": (special.ellipkinc, (0, np.pi/2), (0, 0.95)),
    "ellipeinc": (special.ellipeinc, (0, np.pi/2), (0, 0.95)),
    "jv": (special.jv, (0, 3), (0.5, 10)),
    "yv": (special.yv, (0, 3), (2, 10)),
    "kv": (special.kv, (0, 3), (1, 5)),
    "iv": (special.iv, (0, 3), (0.5, 5)),
    **{f"lpmv m={m}": (lambda v, x, m=m: special.lpmv(m, v, x), (0, 5), (-0.9, 0.9)) for m in (0, 1, 2)},
    **{f"sph_harm {m},{n}": (harmonic(m, n), (0, 2*np.pi), (0, np.pi)) for m, n in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2))},
}
SHAPES, GRIDS, STEPS = ((2, 1, 1), (2, 5, 1), (2, 5, 5, 1)), (3, 6, 12, 24), 150
MLPS = ((5, 2), (10, 2), (20, 2), (10, 3), (20, 3))    # width and number of hidden layers

def special_samples(name, n, rng):
    "Samples of [-1, 1]^2 and the function there."
    f, *ranges = SPECIAL[name]
    x = rng.uniform(-1, 1, (n, 2))
    return x, f(*(lo + (hi - lo)*(v + 1)/2 for v, (lo, hi) in zip(x.T, ranges)))[:, None]

def special_kans(data, shape, seed, grids, steps):
    "A KAN on finer and finer grids, `steps` on each."
    for grid in grids:
        model = KAN(shape, grid=grid, key=jax.random.key(seed), **KAN_SETTINGS) if grid == grids[0] else model.refine(grid)
        model, _ = model.fit(data, steps=steps, optimizer=OPTIMIZER, stop_grid_update_step=50 if grid == grids[0] else 25, progress=False)
        yield dict(kind="KAN", shape=shape, grid=grid, seed=seed), model

def special_mlps(data, width, depth, seed, steps):
    "MLPs with both activations."
    for activation in (jnp.tanh, jax.nn.silu):
        model = eqx.nn.MLP(2, 1, width, depth, activation=activation, key=jax.random.key(seed))
        model, _ = train(model, data, loss=vmapped, steps=steps, optimizer=OPTIMIZER, progress=False)
        yield dict(kind="MLP", shape=[2, *[width]*depth, 1], activation=activation.__name__, seed=seed), model

def special_rows(name, shapes=SHAPES, grids=GRIDS, steps=STEPS, mlps=MLPS, seeds=2, n=1000):
    "All networks on one function; errors are shares of its standard deviation."
    rng = np.random.default_rng(0)
    sets = dict(train=special_samples(name, n, rng), valid=special_samples(name, n, rng), test=special_samples(name, 4*n, rng))
    mean, std = sets["train"][1].mean(), sets["train"][1].std()
    sets = {part: (x, (y - mean)/std) for part, (x, y) in sets.items()}
    runs = [(special_kans, (shape, seed, grids, steps)) for shape in shapes for seed in range(seeds)]
    runs += [(special_mlps, (*mlp, seed, steps*len(grids))) for mlp in mlps for seed in range(seeds)]
    for run, args in runs:
        for what, model in run(sets["train"], *args):
            yield dict(function=name, **what, parameters=number_of_parameters(model), **{part: rmse(model, *pair) for part, pair in sets.items()})

def bench_special(names=SPECIAL, **settings):
    rows, start = [], time.perf_counter()
    for name in names:
        rows += special_rows(name, **settings)
        common.save("bench_kan_special", rows)
        for kind in ("KAN", "MLP"):
            best = min((row for row in rows if row["function"] == name and row["kind"] == kind), key=lambda row: row["valid"])
            print(f"{name:12} best {kind}: {str(best['shape']):16} {best['parameters']:5} parameters, relative test RMSE {best['test']:.1e}", flush=True)
    print(f"{time.perf_counter() - start:.0f} s")

if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else "small"
    with x64():
        if part == "scaling": bench_scaling(sys.argv[2:] or FIVE)
        if part == "special": bench_special(sys.argv[2:] or SPECIAL)
        if part == "small":
            bench_scaling(["J0(20x)"])
            bench_special(["kv", "sph_harm 2,2"], shapes=((2, 1, 1),), grids=(3, 6), mlps=((5, 2),), seeds=2)
