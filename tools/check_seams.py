"""Checks promises that every module of the package keeps, whatever room it comes from.

Each submodule is importable by its name, and names nothing that it does not have; each module has a case here, or a line that says why not; no gradient reaches
state or what is frozen, and the usual loop of equinox moves neither, with decay told by a mask or undone by `project`;
a batch that is cut over explicit axes of a mesh, as those of `jax.make_mesh` are, goes through every function that scans or
gathers, and comes out cut as it was; so do the patterns of a bank; within `jax.shard_map`, with its types checked, the same functions
have the values and gradients of one device; values and gradients work under strict dtype promotion and without promotion of ranks."""
import builtins, dataclasses, dis, importlib, inspect, os, pkgutil, sys, types
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
    "SymbolicKANLayer": (lambda: hl.KANLayer(6, 3, key=KEY).fix_symbolic(0, 1, 2, "sin", a=2.).fix_symbolic(0, 3, 0, "log", b=2.), lambda m: (m(D)**2).sum()),
    "MonotoneKANLayer": (lambda: hl.MonotoneKANLayer(6, 3, increasing=(0, 2), decreasing=(5,), key=KEY), lambda m: (m(D)**2).sum()),
    "MonotoneKAN": (lambda: hl.MonotoneKAN([6, 2, 3], increasing=(0, 2), decreasing=(5,), key=KEY), lambda m: (m(D)**2).sum()),
    "MultKANLayer": (lambda: hl.MultKANLayer(6, 1, (2, 3), key=KEY), lambda m: (m(D)**2).sum()),
    "MultKAN": (lambda: hl.MultKAN([6, [1, 1], 3], key=KEY), lambda m: (m(D)**2).sum()),
    "KAN": (lambda: hl.KAN([6, 2, 3], key=KEY), lambda m: (m(D)**2).sum()),
    "standardised KAN": (lambda: hl.KAN([6, 2, 3], key=KEY).standardised(X, X[:, :3]), lambda m: (m(D)**2).sum()),
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

def codes(code):
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType): yield from codes(inner)

def names_read(module):
    "What the code of a module's functions reads of the module itself."
    source = compile(inspect.getsource(module), module.__file__, "exec")
    return {i.argval for code in codes(source) for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}

def names():
    for found in pkgutil.iter_modules(hl.__path__):
        if found.name.startswith("_"): continue
        module = importlib.import_module(f"hamux_lit.{found.name}")
        for name in names_read(module) - set(dir(module)) - set(dir(builtins)): yield f"hamux_lit.{found.name} uses {name!r}, which it does not have"
        if getattr(hl, found.name) is not importlib.import_module(f"hamux_lit.{found.name}"):
            yield f"`import hamux_lit.{found.name} as m` gives {getattr(hl, found.name)!r}"
    for name, value in vars(hl).items():
        if inspect.isclass(value) and issubclass(value, eqx.Module) and name not in CASES and name not in NONE:
            yield f"{name} has no case in tools/check_seams.py"

def paths(tree, chosen): return {jax.tree_util.keystr(p) for p, leaf in jax.tree_util.tree_flatten_with_path(tree)[0] if chosen(leaf)}

def moved(before, after):
    return paths(jax.tree.map(lambda a, b: not np.array_equal(a, b), *(eqx.filter(m, eqx.is_inexact_array) for m in (before, after))), bool)

LOOPS = {"moves under a mask": optax.adamw(1e-2, weight_decay=0.1, mask=hl.parameters),
         "moves, though projected": optax.chain(optax.adamw(1e-2, weight_decay=0.1), hl.project())}

@eqx.filter_jit
def once(model, loss):
    "The gradients, and the model after a step of each loop."
    grads, arrays = eqx.filter_grad(loss)(model), eqx.filter(model, eqx.is_inexact_array)
    updates = [optimiser.update(grads, optimiser.init(arrays), arrays)[0] for optimiser in LOOPS.values()]
    return grads, [eqx.apply_updates(model, u) for u in updates]

def steps(model, loss):
    "What has a gradient, and what moves in a step of each loop."
    grads, ends = once(model, loss)
    return {"has a gradient": paths(grads, np.any)} | {how: moved(model, end) for how, end in zip(LOOPS, ends)}

def stillness():
    for name, (make, loss) in CASES.items():
        model = make()
        learned = [f.name for f in dataclasses.fields(model) if f.metadata.get("learned")]
        for model in (model, hl.freeze(model), *(hl.freeze(model, n) for n in learned[:1])):
            learns = paths(hl.parameters(model), bool)
            for how, which in steps(model, loss).items():
                if which - learns: yield f"{name}, frozen {model.freeze}: {', '.join(sorted(which - learns))} {how}"

def functions():
    "What may be given a batch x [n, 2] that is cut: name -> (function of parameters and batch, parameters)."
    def of(module): return lambda m, x: m(x), module
    def each(module): return lambda m, x: jax.vmap(m)(x), module
    def run(how, **settings):
        def ends(weights, x):
            layers = {"a": hl.NeuronLayer("tanh", 2), "b": hl.NeuronLayer("softmax", 3)}
            ham = hl.HAM(layers, {"s": weights}, [(("a", "b"), "s")])
            end, _ = how(ham, {"a": x, "b": jnp.concatenate([x, x[:, :1]], 1)}, **settings)
            return end["b"] if how in (hl.simulate, hl.fixed_point) else jax.lax.stop_gradient(end["b"]) + x.sum(1, keepdims=True)
        return ends, hl.LinearSynapse(0.5*jax.random.normal(KEY, (2, 3)))
    grid, coef = hl.uniform_grid(-1., 1., 5, 3, 2), jax.random.normal(KEY, (2, 3, 8))
    spline = hl.LSpline()
    return {
        "coef2curve": (lambda c, x: hl.coef2curve(x, grid, c, 3), coef), "bspline_basis": (lambda _, x: hl.bspline_basis(x, grid, 3), ()),
        "spline_sum": (lambda c, x: hl.spline_sum(x, grid, c, 3, None, "linear"), coef),
        **{f"KAN of {G} intervals": of(hl.KAN([2, 3, 1], grid=G, key=KEY)) for G in (3, 12, 40)},
        "KAN with a formula": of(hl.KAN([2, 1], grid=3, key=KEY).fix_symbolic(0, 0, 0, "sin", a=2.)),
        "Rational": of(hl.Rational("tanh")), "GroupRationalKAN": of(hl.GroupRationalKAN([2, 4, 1], 2, key=KEY)),
        "LSpline": of(spline), "its activation": (lambda m, x: m.activation(x), spline), "its dual": (lambda m, x: m.dual(x/2), spline),
        "LRational": of(hl.LRational()), "entmax": (lambda _, x: hl.entmax(x, 3.), ()),
        "LEntmax row by row": each(hl.LEntmax()), "KAN row by row": each(hl.KAN([2, 1], grid=40, key=KEY)),
        "MemorySynapse": each(hl.MemorySynapse(jax.random.normal(KEY, (64, 2)), block=16)),
        "simulate": run(hl.simulate, steps=4), "fixed_point": run(hl.fixed_point, clamp="a", tol=1e-6),
        "descend": run(hl.descend), "alternate": run(hl.alternate, clamp={"b": np.array([True, False, False])})}

def agree(name, got, wanted, where):
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(wanted), strict=True):
        if not np.allclose(a, b, rtol=1e-3, atol=1e-4): yield f"{name}: other numbers {where}"; return

def on_devices():
    "Batches cut over explicit axes, and within `jax.shard_map`, against one device."
    x = np.random.default_rng(0).uniform(-1, 1, (16, 2)).astype(np.float32)
    explicit, auto = (jax.make_mesh((4,), ("batch",), axis_types=(kind,)) for kind in (jax.sharding.AxisType.Explicit, jax.sharding.AxisType.Auto))
    for name, (f, params) in functions().items():
        arrays, static = eqx.partition(params, eqx.is_inexact_array)
        def loss(arrays, x):
            y = f(eqx.combine(arrays, static), x)
            return jnp.sin(y).sum() if y.ndim else y    # a sum over the batch, so that parts add up
        both = jax.value_and_grad(loss, (0, 1))
        def part(arrays, x):
            value, slopes = both(arrays, x)
            return jax.lax.psum(value, "batch"), slopes
        try:
            wanted = jax.jit(both)(arrays, x)
            with jax.set_mesh(explicit): cut = jax.jit(both)(arrays, jax.device_put(x, jax.P("batch")))
            yield from agree(name, cut, wanted, "over explicit axes")
            if cut[1][1].sharding.spec[0] != "batch": yield f"{name}: its gradient is cut as {cut[1][1].sharding.spec}"
            with jax.set_mesh(auto):
                parts = jax.jit(jax.shard_map(part, in_specs=(jax.P(), jax.P("batch")), out_specs=(jax.P(), (jax.P(), jax.P("batch")))))(arrays, x)
            yield from agree(name, parts, wanted, "within shard_map")
        except Exception as e: yield f"{name} of a batch on several devices: {type(e).__name__}: {str(e)[:300]}"

def patterns_cut():
    "Patterns cut over explicit axes, against one device; and what travels."
    patterns, states = np.random.default_rng(0).normal(size=(640, 8)).astype(np.float32), X[:, :1] + np.zeros((1, 8), np.float32)
    def learn(patterns, states): return jax.value_and_grad(lambda p, s: jax.vmap(hl.MemorySynapse(p, "power", n=3))(s).sum(), (0, 1))(patterns, states)
    wanted = jax.jit(learn)(patterns, states)
    mesh = jax.make_mesh((2, 2), ("patterns", "batch"), axis_types=(jax.sharding.AxisType.Explicit,)*2)
    with jax.set_mesh(mesh):
        args = jax.device_put(patterns, jax.P("patterns")), jax.device_put(states, jax.P("batch"))
        run = jax.jit(learn).lower(*args).compile()
        got = run(*args)
    yield from agree("patterns cut over explicit axes", got, wanted, "there")
    if got[1][0].sharding.spec[0] != "patterns": yield f"the patterns' gradient is cut as {got[1][0].sharding.spec}"
    if "all-gather" in run.as_text(): yield "a device is sent the patterns of another"

def promotion():
    jax.config.update("jax_numpy_dtype_promotion", "strict")
    jax.config.update("jax_numpy_rank_promotion", "raise")
    for name, (make, loss) in CASES.items():
        try: jax.block_until_ready(eqx.filter_jit(eqx.filter_value_and_grad(loss))(make()))
        except Exception as e: yield f"{name} under strict promotion: {type(e).__name__}: {str(e)[:200]}"

if __name__ == "__main__":
    wrong = [*names(), *stillness(), *on_devices(), *patterns_cut(), *promotion()]
    print("\n".join(wrong) or f"{len(CASES)} modules keep their promises")
    sys.exit(bool(wrong))
