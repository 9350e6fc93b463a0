"""Training a KAN: hamux_lit next to pykan with its documented settings, and an MLP of equal size, on one core.

The problem is pykan's first example, f(x, y) = exp(sin(pi x) + y^2) on [-1, 1]^2, with 1000 samples to learn from and 1000
to test on, the same for all. pykan runs the steps of its introduction: [2, 5, 1] on 3 intervals, 50 steps of L-BFGS with
lamb=0.001, prune, 50 steps, 10 intervals, 50 steps. hamux_lit runs the steps of its notebook. A step of pykan's L-BFGS is up to
20 iterations with up to 25 evaluations each; one of hamux_lit is one iteration.

Every run of hamux_lit is timed twice: the first time of a shape includes what XLA compiles, the second shows what training itself
takes. On a machine that does other things besides, compare the seconds of the processor. Run it with `make bench`."""
import os
import common

os.environ["TQDM_DISABLE"] = "1"
common.one_core()
import contextlib, io, tempfile, time
import equinox as eqx, jax, jax.numpy as jnp, numpy as np
from hamux_lit.kan import KAN
from hamux_lit.training import train

torch, kan = common.peer("torch"), common.peer("kan")
if torch: torch.set_num_threads(1)

def hello(x): return np.exp(np.sin(np.pi*x[:, :1]) + x[:, 1:]**2)

def samples(seed=0):
    x = np.random.default_rng(seed).uniform(-1, 1, (2000, 2)).astype(np.float32)
    return (x[:1000], hello(x[:1000])), (x[1000:], hello(x[1000:]))

def pykan(known, test, seed):
    "Parameters and test RMSE."
    data = {f"{kind}_{part}": torch.tensor(v) for kind, pair in (("train", known), ("test", test)) for part, v in zip(("input", "label"), pair)}
    with tempfile.TemporaryDirectory() as folder:
        model = kan.KAN(width=[2, 5, 1], grid=3, k=3, seed=seed, ckpt_path=folder)
        model.fit(data, opt="LBFGS", steps=50, lamb=0.001)
        model = model.prune()
        model.fit(data, opt="LBFGS", steps=50)
        model = model.refine(10)
        model.fit(data, opt="LBFGS", steps=50)
        with torch.no_grad(): error = float(((model(data["test_input"]) - data["test_label"])**2).mean())**0.5
        return [model.act_fun[0].coef.shape[0], model.act_fun[0].coef.shape[1], 1], error

def rmse(loss, model, test): return float(loss(model, *test))**0.5
def plain(model, x, y): return jnp.mean((model(x) - y)**2)
def vmapped(model, x, y): return jnp.mean((jax.vmap(model)(x) - y)**2)

def hamux(data, test, seed):
    "Shape and test RMSE."
    model = KAN([2, 5, 1], grid=5, key=jax.random.key(seed))
    model, _ = model.fit(data, steps=300, lamb=0.01, update_grid_every=0, progress=False)
    model = model.prune(data[0]).refine(10)
    model, _ = model.fit(data, steps=600, update_grid_every=200, stop_grid_update_step=400, progress=False)
    return [2, *(layer.coef.shape[1] for layer in model.layers)], rmse(plain, model, test)

def mlp(data, test, seed, steps):
    "Shape and test RMSE."
    model = eqx.nn.MLP(2, 1, 7, 2, activation=jax.nn.silu, key=jax.random.key(seed))    # 85 parameters; the sparse KAN has 45
    model, _ = train(model, data, loss=vmapped, steps=steps, progress=False)
    return [2, 7, 7, 1], rmse(vmapped, model, test)

def timed(what, seed, f, *args):
    "A row of figures, printed too."
    start, used = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()): shape, error = f(*args)
    row = dict(what=what, seed=seed, shape="-".join(map(str, shape)), rmse=error, seconds=time.perf_counter() - start, processor=time.process_time() - used)
    print(f"{what:24} seed {seed:2}  {row['shape']:8} test RMSE {error:.2e}   {row['seconds']:6.2f} s, {row['processor']:6.2f} s of the processor", flush=True)
    return row

if __name__ == "__main__":
    data, test = samples()
    rows = [timed("pykan", seed, pykan, data, test, seed) for seed in (42, 0, 1)] if torch and kan else []
    for again in ("", ", again"):
        rows += [timed(f"hamux_lit{again}", seed, hamux, data, test, seed) for seed in range(3)]
        rows += [timed(f"MLP{again}", seed, mlp, data, test, seed, 2000) for seed in range(2)]
    common.save(__file__, rows)
