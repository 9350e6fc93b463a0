"""Checks promises that every module of the package keeps, whatever room it comes from.

Each submodule is importable by its name; each module has a case here, or a line that says why not; no gradient reaches
state or what is frozen, and the usual loop of equinox moves neither, with decay told by a mask or undone by `project`;
a batch that is cut over explicit axes of a mesh, as those of `jax.make_mesh` are, goes through every function that scans or
gathers, and comes out cut as it was; values and gradients work under strict dtype promotion and without promotion of ranks."""
import dataclasses, importlib, inspect, os, pkgutil, sys
from common import ROOT
sys.path.insert(0, str(ROOT))
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=4"
import equinox as eqx, jax, jax.numpy as jnp, numpy as np, optax
import hamux_lit as hl

KEY = jax.random.key(0)
X = 0.3*jax.random.normal(jax.random.key(5), (4, 6))
D = X[0]

def memory():
    return hl.HAM({"a": hl.NeuronLayer("tanh", 6, tau=1.5, bias=0.1), "b": hl.NeuronLayer("softmax", 4, tau=0.5)},
                  {"s": hl.LinearSynapse(0.3*jax.random.normal(KEY, (6, 4)))}, [(("a", "b"), "s")])

def flow_of(ham): return sum((v**2).sum() for v in hl.simulate(ham, {"a": D, "b": D[:4]}, 3, 0.1)[0].values())

ONES = jnp.ones
CASES = {name: (e.module, lambda m: m(D)) for name, e in ((e.module.__name__, e) for e in hl.catalogue.values())} | {
    "LSoftmaxUnstable": (hl.LSoftmaxUnstable, lambda m: m(D)),
    "LSpline": (hl.LSpline, lambda m: m(D)),
    "LRational": (hl.LRational, lambda m: m(D)),
    "Rational": (lambda: hl.Rational("tanh", multiplier=1.), lambda m: m(D).sum()),
    "KANLayer": (lambda: hl.KANLayer(6, 3, key=KEY), lambda m: (m(D)**2).sum()),
    "KAN": (lambda: hl.KAN([6, 2, 3], key=KEY), lambda m: (m(D)**2).sum()),
    "GroupRationalKANLayer": (lambda: hl.GroupRationalKANLayer(6, 3, 2, key=KEY), lambda m: (m(D)**2).sum()),
    "GroupRationalKAN": (lambda: hl.GroupRationalKAN([6, 4, 3], 2, key=KEY), lambda m: (m(D)**2).sum()),
    "NeuronLayer": (lambda: hl.NeuronLayer("sigmoid", 6, tau=2., bias=0.5), lambda m: m.energy(m.activations(D), D)),
    "HAM": (memory, flow_of),
    "LinearSynapse": (lambda: hl.LinearSynapse(ONES((6, 6))), lambda m: m(D, D)),
    "BiasSynapse": (lambda: hl.BiasSynapse(ONES(6)), lambda m: m(D)),
    "LinearSynapseWithBias": (lambda: hl.LinearSynapseWithBias(ONES((6, 6)), ONES(6)), lambda m: m(D, D)),
    "DenseSynapse": (lambda: hl.DenseSynapse(ONES((6, 6))), lambda m: m(D, D)),
    "DenseMatrixSynapse": (lambda: hl.DenseMatrixSynapse(ONES((3, 6))), lambda m: m(D)),
    "ConvSynapse": (lambda: hl.ConvSynapse(ONES((2, 1, 3)), (1,), "SAME"), lambda m: m(D[:, None], ONES((6, 2)))),
    "AttentionSynapse": (lambda: hl.AttentionSynapse(ONES((2, 3, 6)), ONES((2, 3, 6))), lambda m: m(X, X)),
    "SelfAttentionSynapse": (lambda: hl.SelfAttentionSynapse(ONES((2, 3, 6)), ONES((2, 3, 6))), lambda m: m(X)),
    "MemorySynapse": (lambda: hl.MemorySynapse(0.5*jax.random.normal(KEY, (3, 6)), similarity="euclidean"), lambda m: m(D)),
    "RandomFeatureSynapse": (lambda: hl.RandomFeatureSynapse(X, KEY, 8), lambda m: m(D)),
    "LMaskedSoftmax": (lambda: hl.LMaskedSoftmax(2., ONES((4, 6))), lambda m: m(X)),
    "BinaryMemory": (lambda: hl.BinaryMemory(jnp.sign(X)), lambda m: m.energy(jnp.sign(D))),
    "LSum": (lambda: hl.LTanh() + hl.LSoftplus(), lambda m: m(D)),
    "LScaled": (lambda: 0.5*hl.LTanh(), lambda m: m(D)),
    "LAffine": (lambda: hl.LAffine(hl.LTanh(), 0.5*ONES((3, 6)), 0.1*ONES(3)), lambda m: m(D)),
    "LBlocks": (lambda: hl.LBlocks((hl.LTanh(), 2), (hl.LSoftmax(), 4)), lambda m: m(D)),
    "LQuadratic": (lambda: hl.LQuadratic(0.5*ONES((6, 2))), lambda m: m(D)),
    "LEnvelope": (lambda: hl.LEnvelope(hl.LSoftAbs()), lambda m: m(D)),
    "KANSynapse": (lambda: hl.KANSynapse(hl.KANLayer(6, 3, key=KEY)), lambda m: m(D, D[:3])),
}
NONE = {"Module": "the base", "Lagrangian": "the base", "VectorizedHAM": "a view of a HAM", "Trace": "a record",
        "FixedPoints": "a record", "Activation": "a view of a Lagrangian"}

def names():
    for found in pkgutil.iter_modules(hl.__path__):
        if found.name.startswith("_"): continue
        if getattr(hl, found.name) is not importlib.import_module(f"hamux_lit.{found.name}"):
            yield f"`import hamux_lit.{found.name} as m` gives {getattr(hl, found.name)!r}"
    for name, value in vars(hl).items():
        if inspect.isclass(value) and issubclass(value, eqx.Module) and name not in CASES and name not in NONE:
            yield f"{name} has no case in tools/check_seams.py"

def paths(tree, chosen): return {jax.tree_util.keystr(p) for p, leaf in jax.tree_util.tree_flatten_with_path(tree)[0] if chosen(leaf)}

def moved(before, after):
    return paths(jax.tree.map(lambda a, b: not np.array_equal(a, b), *(eqx.filter(m, eqx.is_inexact_array) for m in (before, after))), bool)

def steps(model, loss):
    "What has a gradient, and what moves in a step of each loop."
    grads, arrays = eqx.filter_jit(eqx.filter_grad(loss))(model), eqx.filter(model, eqx.is_inexact_array)
    yield "has a gradient", paths(grads, np.any)
    for how, optimiser in {"moves under a mask": optax.adamw(1e-2, weight_decay=0.1, mask=hl.parameters),
                           "moves, though projected": optax.chain(optax.adamw(1e-2, weight_decay=0.1), hl.project())}.items():
        updates, _ = optimiser.update(grads, optimiser.init(arrays), arrays)
        yield how, moved(model, eqx.apply_updates(model, updates))

def stillness():
    for name, (make, loss) in CASES.items():
        model = make()
        learned = [f.name for f in dataclasses.fields(model) if f.metadata.get("learned")]
        for model in (model, hl.freeze(model), *(hl.freeze(model, n) for n in learned[:1])):
            learns = paths(hl.parameters(model), bool)
            for how, which in steps(model, loss):
                if which - learns: yield f"{name}, frozen {model.freeze}: {', '.join(sorted(which - learns))} {how}"

def cut():
    mesh = jax.make_mesh((4,), ("batch",), axis_types=(jax.sharding.AxisType.Explicit,))
    rows, whole = (jax.NamedSharding(mesh, jax.P(axis, None)) for axis in ("batch", None))
    grid, coef = hl.uniform_grid(-1., 1., 5, 3, 2), jax.random.normal(KEY, (2, 3, 8))
    spline, rational, net = hl.LSpline(), hl.LRational(), hl.KAN([2, 3, 1], grid=40, key=KEY)
    x = np.random.default_rng(0).uniform(-1, 1, (16, 2)).astype(np.float32)
    functions = {"coef2curve": lambda x: hl.coef2curve(x, grid, coef, 3), "bspline_basis": lambda x: hl.bspline_basis(x, grid, 3),
                 "spline_sum": lambda x: hl.spline_sum(x, grid, coef, 3, None, "linear"), "KAN": net, "sparsity": net.sparsity,
                 "LSpline": spline, "its activation": spline.activation, "its dual": lambda x: spline.dual(x/2),
                 "LRational": rational, "Rational": hl.Rational("tanh"), "entmax": hl.entmax, "MemorySynapse": hl.MemorySynapse(ONES((5, 2)))}
    with jax.set_mesh(mesh):
        for name, f in functions.items():
            both = jax.jit(jax.value_and_grad(lambda x: jnp.sin(f(x)).sum()))
            try: (value, slope), (one, alone) = (both(jax.device_put(x, way)) for way in (rows, whole))
            except Exception as e: yield f"{name} of a batch cut over explicit axes: {type(e).__name__}: {str(e)[:200]}"; continue
            if not (np.allclose(value, one, rtol=1e-4) and np.allclose(slope, alone, rtol=1e-3, atol=1e-4)): yield f"{name}: other numbers on several devices"
            if slope.sharding.spec[0] != "batch": yield f"{name}: its gradient is cut as {slope.sharding.spec}"

def promotion():
    jax.config.update("jax_numpy_dtype_promotion", "strict")
    jax.config.update("jax_numpy_rank_promotion", "raise")
    for name, (make, loss) in CASES.items():
        try: jax.block_until_ready(eqx.filter_jit(eqx.filter_value_and_grad(loss))(make()))
        except Exception as e: yield f"{name} under strict promotion: {type(e).__name__}: {str(e)[:200]}"

if __name__ == "__main__":
    wrong = [*names(), *stillness(), *cut(), *promotion()]
    print("\n".join(wrong) or f"{len(CASES)} modules keep their promises")
    sys.exit(bool(wrong))
