"""Valid arguments for every public callable, from which `properties.py` makes invalid ones and properties to check.

A new public name needs one line: in RECIPES the arguments with which it can be called, or in RECORDS one of what functions
return. A method is "Class.method" and gets its object as `self`; extra positional arguments are a tuple called "*name". What an
argument may not be follows from its name in RULES, or else from its annotation; "function.argument" goes before "argument"."""
import os, sys, tempfile
from functools import cache
import numpy as np
import jax, jax.numpy as jnp
import hamux_lit as hl

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4)).astype(np.float32)
ROW, SIGNS, KEY = X[0], np.sign(X), jax.random.key(0)
W = RNG.normal(size=(4, 3)).astype(np.float32)
HEADS, HEADS2 = (RNG.normal(size=(2, 3, 4)).astype(np.float32) for _ in range(2))
GRID = np.linspace(-2, 2, 9, dtype=np.float32)[None].repeat(4, 0)    # [4, G + 2k + 1] of degree 2, G = 4
COEF, COEF1 = RNG.normal(size=(4, 3, 6)).astype(np.float32), RNG.normal(size=(4, 1, 6)).astype(np.float32)
INSIDE = np.clip(X, -0.9, 0.9)
FOLDER = tempfile.mkdtemp()    # for files that calls write

def path(name): return os.path.join(FOLDER, name)

class Lazy:
    "An argument that is made when it is needed, once."
    def __init__(self, make): self.get = cache(make)

def given(arguments):
    "Arguments, made."
    def made(v): return v.get() if isinstance(v, Lazy) else v
    return {name: tuple(map(made, v)) if name.startswith("*") else made(v) for name, v in arguments.items()}

def arguments_of(name): return given(RECIPES[name] if isinstance(RECIPES[name], dict) else RECIPES[name].get())

def of(name, *args, **kwargs): return Lazy(lambda: getattr(hl, name)(*args, **kwargs))

ham = Lazy(lambda: hl.HAM({"v": hl.NeuronLayer("tanh", 4), "h": hl.NeuronLayer("softmax", 3)}, {"s": hl.LinearSynapse(W)}, [(("v", "h"), "s")]))
vham = Lazy(lambda: ham.get().vectorize())
XS, BATCH = {"v": ROW, "h": ROW[:3]}, {"v": X, "h": X[:, :3]}
layer = of("NeuronLayer", "tanh", 4)
kan_layer, kan = of("KANLayer", 4, 3, key=KEY), of("KAN", [4, 2, 3], key=KEY)
tanh, spline, learned = of("LTanh"), of("LSpline"), of("LRational")
rational, coefficients = of("Rational", "tanh"), of("initial_fit", "tanh")
fit = Lazy(lambda: hl.fit_rational("tanh", (3, 2), starts=1))
binary, features = of("BinaryMemory", SIGNS), of("RandomFeatureSynapse", X, KEY, 8)
graph, value = Lazy(lambda: hl.draw(jnp.sin, 1.)), of("Value", 0.5)
bfgs, start = of("LBFGS"), Lazy(lambda: hl.LBFGS().init({"a": jnp.ones(2)}, ()))
fixed = Lazy(lambda: kan.get().fix_symbolic(0, 0, 0, "x", a=1.))
found = Lazy(lambda: hl.fit_symbols(np.linspace(-1, 1, 20), np.linspace(-1, 1, 20)**2, ["x", "x^2"]))
DATA, LINE = (INSIDE, INSIDE[:, :3]), np.linspace(-1, 1, 20)

@cache
def file():
    hl.save(path("tanh.hl"), hl.LTanh())
    return path("tanh.hl")

@cache
def config():
    hl.append_rational(path("config.json"), hl.initial_fit("tanh"))
    return path("config.json")

@cache
def kat():
    "A file of KAT's initial coefficients."
    import json
    c = hl.initial_fit("tanh", version="A")
    with open(path("kat.json"), "w") as f:
        json.dump({"tanh": {"init_w_numerator": [*c.numerator], "init_w_denominator": [*c.denominator], "lb": -3, "ub": 3}}, f)
    return path("kat.json")

def square(x): return (x**2).sum()

RECIPES = {
    # module
    "in_use": dict(module=tanh, name="beta"), "parameters": dict(module=tanh), "project": {},
    "freeze": {"tree": tanh, "*names": ("beta",)}, "unfreeze": {"tree": tanh, "*names": ("beta",)},
    "save": dict(path=path("saved.hl"), module=tanh), "load": dict(path=Lazy(file), like=tanh),
    "Parameter.node": dict(default=1.), "State.node": dict(default=1.),
    # plot, graph, drawing
    "plot_lagrangian": dict(lagrs={"tanh": hl.lagr_tanh}), "plot_energy_trace": dict(energies=X),
    "plot_functions": dict(target=np.sin, learned={"cos": np.cos}, points=9),
    "plot_curves": dict(x=ROW, curves={"a": ROW}), "plot_images": dict(images=X[None, :, :, None]),
    "LiveChart": {}, "LiveChart.push": dict(self=of("LiveChart"), x=1., y=2.), "LiveChart.close": dict(self=of("LiveChart")),
    "animate": dict(draw=lambda ax, frame: ax.plot(frame), frames=[[1, 2]], path=path("film.gif")),
    "draw": {"root": jnp.sin, "*args": (1.,)},
    "graph_of": dict(roots=[1], operands=lambda n: [], describe=lambda n: ("a", [], "")),
    "Graph.svg": dict(self=graph), "Graph.dot": dict(self=graph), "Graph.mermaid": dict(self=graph),
    "LBFGS": {}, "LBFGS.init": dict(self=bfgs, params={"a": np.ones(2, np.float32)}),
    "LBFGS.step": dict(self=bfgs, objective=lambda p: (square(p["a"]), ()), params={"a": jnp.ones(2)}, state=start),
    # lagrangians, competing, sparse, algebra: what takes a state first
    **{name: dict(x=X) for name in """identity relu leaky_relu elu hard_tanh tempered_exp rexp tempered_tanh tempered_sigmoid
        tempered_softplus lagr_identity lagr_relu lagr_leaky_relu lagr_elu lagr_huber lagr_exp lagr_rexp lagr_tanh lagr_sigmoid
        lagr_softplus tempered_softmax lagr_softmax lagr_softmax_unstable ghostmax lagr_ghostmax layernorm lagr_layernorm
        spherical_norm lagr_spherical_norm entmax lagr_entmax sparsemax lagr_sparsemax normmax lagr_normmax soft_sign
        lagr_soft_abs soft_threshold lagr_soft_threshold p_link lagr_p_norm""".split()},
    "repu": dict(x=X, n=2.5), "lagr_repu": dict(x=X, n=2.5), "lagr_quadratic": dict(x=X, factor=W),
    **{name: {} for name in """LIdentity LRepu LRelu LLeakyRelu LElu LHuber LExp LRexp LTanh LSigmoid LSoftplus LSoftmax
        LSoftmaxUnstable LGhostmax LLayerNorm LSphericalNorm LSparsemax LEntmax LNormmax LSoftAbs LSoftThreshold LPNorm
        LSpline LRational Rational""".split()},
    **{f"{name}.__call__": dict(self=of(name), x=X) for name in """LIdentity LRepu LRelu LLeakyRelu LElu LHuber LExp LRexp LTanh
        LSigmoid LSoftplus LSoftmax LSoftmaxUnstable LGhostmax LLayerNorm LSphericalNorm LSparsemax LEntmax LNormmax LSoftAbs
        LSoftThreshold LPNorm Rational""".split()},
    "Lagrangian.__call__": dict(self=learned, x=X),
    "activation": dict(lagr=hl.lagr_tanh), "Activation": dict(lagrangian=hl.lagr_tanh), "Activation.__call__": dict(self=of("activation", hl.lagr_tanh), x=X),
    "Lagrangian.activation": dict(self=of("LSoftmax"), x=X), "Lagrangian.hessian_diag": dict(self=of("LSoftmax"), x=X),
    **{f"Lagrangian.{m}": dict(self=tanh, xhat=INSIDE) for m in ("dual", "in_domain", "inverse")},
    **{f"Lagrangian.{m}": dict(self=tanh, x=X, xhat=INSIDE) for m in ("energy", "gap")},
    "catalogued": dict(lagrangian=hl.lagr_tanh, activation=hl.tempered_tanh, formula="", gradient=""),
    "dual_of": {"*modules": (hl.LTanh,), "domain": "everywhere"},
    "LScaled": dict(lagr=tanh), "LSum": {"*parts": (tanh, spline)}, "LEnvelope": dict(lagr=tanh), "LQuadratic": dict(factor=W),
    "LAffine": dict(lagr=tanh, weight=W.T, bias=0.1), "LBlocks": {"*blocks": ((hl.LTanh(), 2), (hl.LSoftmax(), 2))},
    **{f"{name}.__call__": dict(self=o, x=X) for name, o in {"LScaled": of("LScaled", hl.LTanh()), "LSum": of("LSum", hl.LTanh(), hl.LRelu()),
        "LEnvelope": of("LEnvelope", hl.LSoftAbs()), "LQuadratic": of("LQuadratic", W), "LAffine": of("LAffine", hl.LTanh(), W.T),
        "LBlocks": of("LBlocks", (hl.LTanh(), 2), (hl.LSoftmax(), 2)), "LMaskedSoftmax": of("LMaskedSoftmax", 1.)}.items()},
    "LEnvelope.prox": dict(self=of("LEnvelope", hl.LSoftAbs()), x=X), "LBlocks.split": dict(self=of("LBlocks", (hl.LTanh(), 2), (hl.LSoftmax(), 2)), x=X),
    "fenchel_young_loss": dict(lagr=tanh, x=X, xhat=INSIDE),
    # rational functions
    "rational_function": dict(x=X, numerator=[0., 1.], denominator=[1., 0., 1.], version="N"),
    "rational_poles": dict(denominator=[1., 0., -1.]),
    "fit_rational": dict(target="tanh", degrees=(3, 2), starts=1, steps=2, batch=9, key=KEY), "plot_fit": dict(fit=fit),
    "smallest_slope": dict(numerator=[0., 1.], denominator=[1.]), "variance_gain": dict(f="tanh"),
    "variance_scaled_weights": dict(key=KEY, shape=(3, 2), gain=1.), "initial_fit": dict(target="tanh"), "initial_coefficients": dict(target="tanh"),
    "fit_affine": dict(f=coefficients), "register_rational": dict(name="of_recipes", numerator=[0., 1.], denominator=[1.], overwrite=True),
    "read_rationals_config": dict(path=Lazy(config)), "read_kat_init": dict(path=Lazy(kat)),
    "append_rational": dict(path=path("appended.json"), fit=coefficients, overwrite=True), "hamux_fit": dict(target="tanh", numerator=3, denominator=2),
    "Rational.plot": dict(self=rational), "RationalCoefficients.__call__": dict(self=coefficients, x=X), "RationalCoefficients.formula": dict(self=coefficients, x=X),
    "RationalCoefficients.as_text": dict(self=fit), "RationalCoefficients.module": dict(self=coefficients), "RationalFit.plot_error": dict(self=fit),
    "rational_to_state": dict(act=of("Rational", "tanh", version="A")),
    "rational_from_state": dict(state=Lazy(lambda: hl.rational_to_state(hl.Rational("tanh", version="A")))),
    "monotone_lift": dict(numerator=[0., 1.], denominator=[1.]), "monotone_rational": dict(x=X, numerator=[0., 1.], denominator=[1.]),
    "LRational.from_function": dict(target="tanh"), "convexity_certificate": dict(lagr=tanh, points=101),
    # splines
    "bspline_basis": dict(x=X, grid=GRID, k=2), "local_basis": dict(x=X, grid=GRID, k=2), "coef2curve": dict(x=X, grid=GRID, coef=COEF, k=2),
    "curve2coef": dict(x=X, y=RNG.normal(size=(3, 4, 2)).astype(np.float32), grid=GRID, k=2), "extend_grid": dict(grid=GRID, k=2),
    "insert_knots": dict(grid=GRID, coef=COEF, knots=np.zeros((4, 1), np.float32), k=2), "piecewise_polynomial": dict(grid=GRID, coef=COEF, k=2),
    "plot_basis": dict(grid=GRID, k=2), "spline_antiderivative": dict(grid=GRID, coef=COEF, k=2), "spline_derivative": dict(grid=GRID, coef=COEF, k=2),
    "uniform_grid": dict(low=-1., high=1., G=3, k=2), "spline_sum": dict(x=X, grid=GRID, coef=COEF, k=2),
    "LSpline.from_function": dict(target="tanh"), "LSpline.refine": dict(self=spline), "LSpline.update_grid": dict(self=spline, x=X),
    # KANs
    "KANLayer": dict(in_dim=4, out_dim=3, key=KEY), "KAN": dict(width=[4, 2, 3], key=KEY),
    "GroupRationalKANLayer": dict(in_dim=4, out_dim=3, groups=2, key=KEY), "GroupRationalKAN": dict(width=[4, 2, 3], groups=2, key=KEY),
    "GroupRationalKANLayer.__call__": dict(self=of("GroupRationalKANLayer", 4, 3, 2, key=KEY), x=X),
    "GroupRationalKAN.__call__": dict(self=of("GroupRationalKAN", [4, 2, 3], 2, key=KEY), x=X),
    "KANLayer.__call__": dict(self=kan_layer, x=X), "KANLayer.edges": dict(self=kan_layer, x=X),
    "KAN.__call__": dict(self=kan, x=X), "KAN.with_layers": dict(self=kan, layers=Lazy(lambda: kan.get().layers)),
    **{f"KAN.{m}": dict(self=kan, x=X) for m in ("edge_scores", "out_of_range", "sparsity", "update_grid_from_samples", "prune", "plot")},
    "create_dataset": dict(f=lambda x: x[:, :1]**2, n_var=2, train_num=9, test_num=9, key=KEY),
    "KAN.edge_curve": dict(self=kan, layer=0, i=0, j=0), "KAN.plot_edge": dict(self=kan, layer=0, i=0, j=0), "KAN.refine": dict(self=kan, grid=10),
    "KAN.suggest_symbolic": dict(self=kan, layer=0, i=0, j=0), "KAN.fit": dict(self=kan_layer, data=DATA, steps=1, progress=False),
    "EdgeCurve.__call__": dict(self=Lazy(lambda: kan.get().edge_curve(0, 0, 0)), x=ROW),
    "KAN.edges": dict(self=kan, x=X), "KAN.elevate": dict(self=kan_layer), "KAN.out_of_domain": dict(self=fixed, x=X), "KAN.standardised": dict(self=kan, x=X),
    "KAN.fix_symbolic": dict(self=kan, layer=0, i=0, j=0, name="x", x=INSIDE), "KAN.unfix_symbolic": dict(self=fixed, layer=0, i=0, j=0),
    "KAN.auto_symbolic": dict(self=kan_layer, x=INSIDE, names=["x"], progress=False), "KAN.symbolic_formula": dict(self=fixed, partly=True, simplify=False),
    "SymbolicKANLayer.__call__": dict(self=Lazy(lambda: fixed.get().layers[0]), x=X), "SymbolicKANLayer.edges": dict(self=Lazy(lambda: fixed.get().layers[0]), x=X),
    "SymbolicFit.__call__": dict(self=Lazy(lambda: found.get()[0]), x=LINE), "fit_symbols": dict(x=LINE, y=LINE**2, names=["x^2"]), "add_symbolic": dict(name="cube", f=lambda x: x**3),
    "KAN.prune_input": dict(self=kan, x=X), "KAN.remove_edge": dict(self=kan, layer=0, i=0, j=0), "KAN.remove_node": dict(self=kan, layer=1, node=0),
    "MonotoneKANLayer": dict(in_dim=4, out_dim=3, increasing=[0], key=KEY), "MonotoneKAN": dict(width=[4, 2, 3], increasing=[0], key=KEY),
    **{f"MonotoneKANLayer.{m}": dict(self=of("MonotoneKANLayer", 4, 3, key=KEY, increasing=[0]), x=X) for m in ("__call__", "edges")},
    "MultKANLayer": dict(in_dim=4, sums=1, products=[2], key=KEY), "MultKAN": dict(width=[4, [1, 1], 3], key=KEY), "MultKANLayer.__call__": dict(self=of("MultKANLayer", 4, 1, [2], key=KEY), x=X),
    "train": dict(model=kan_layer, data=DATA, steps=1, progress=False),
    # memories
    "NeuronLayer": dict(lagrangian="tanh", shape=4), "NeuronLayer.init": dict(self=layer), "NeuronLayer.activations": dict(self=layer, x=ROW),
    "NeuronLayer.energy": dict(self=layer, xhat=ROW, x=ROW), "HAM": Lazy(lambda: {k: getattr(ham.get(), k) for k in ("neurons", "hypersynapses", "connections")}), "draw_ham": dict(ham=ham),
    **{f"{c}.{m}": dict(self=h, **a) for c, h, v in (("HAM", ham, XS), ("VectorizedHAM", vham, BATCH))
       for m, a in dict(activations=dict(xs=v), connection_energies=dict(xhats=v), dEdact=dict(xhats=v, xs=v), energy=dict(xhats=v, xs=v),
            energy_tree=dict(xhats=v, xs=v), neuron_energies=dict(xhats=v, xs=v), init_states=dict(bs=2), vectorize={}, unvectorize={}).items()},
    "LinearSynapse": dict(W=W), "LinearSynapse.__call__": dict(self=of("LinearSynapse", W), xhat1=ROW, xhat2=ROW[:3]),
    "LinearSynapse.rand_init": dict(key=KEY, x1_dim=3, x2_dim=2), "BiasSynapse": dict(b=ROW), "BiasSynapse.__call__": dict(self=of("BiasSynapse", ROW), xhat=ROW),
    "LinearSynapseWithBias": dict(W=W, b=ROW[:3]), "LinearSynapseWithBias.rand_init": dict(key=KEY, x1_dim=3, x2_dim=2),
    "LinearSynapseWithBias.__call__": dict(self=of("LinearSynapseWithBias", W, ROW[:3]), xhat1=ROW, xhat2=ROW[:3]),
    "DenseSynapse": dict(W=W), "DenseSynapse.__call__": {"self": of("DenseSynapse", W), "*xhats": (ROW, ROW[:3])}, "DenseSynapse.rand_init": {"key": KEY, "*shapes": (3, 2)},
    "DenseMatrixSynapse": dict(W=W.T), "DenseMatrixSynapse.__call__": dict(self=of("DenseMatrixSynapse", W.T), xhat=ROW), "DenseMatrixSynapse.rand_init": dict(key=KEY, hidden=3, shape=4),
    "ConvSynapse": dict(W=np.ones((2, 4, 3), np.float32)), "ConvSynapse.__call__": dict(self=of("ConvSynapse", np.ones((2, 4, 3), np.float32)), xhat1=X, xhat2=X[:, :2]),
    "ConvSynapse.forward_conv": dict(self=of("ConvSynapse", np.ones((2, 4, 3), np.float32)), xhat1=X),
    "ConvSynapse.from_conv_params": dict(key=KEY, channels_out=2, channels_in=4, filter_shape=(3,)),
    "AttentionSynapse": dict(Wq=HEADS, Wk=HEADS2), "AttentionSynapse.__call__": dict(self=of("AttentionSynapse", HEADS, HEADS2), xhat1=X, xhat2=X),
    "AttentionSynapse.rand_init": dict(key=KEY, num_heads=2, zspace_dim=3, x1_dim=4, x2_dim=4),
    "SelfAttentionSynapse": dict(Wq=HEADS, Wk=HEADS2), "SelfAttentionSynapse.__call__": dict(self=of("SelfAttentionSynapse", HEADS, HEADS2), xhat=X),
    "SelfAttentionSynapse.rand_init": dict(key=KEY, num_heads=2, zspace_dim=3, x_dim=4),
    "KANSynapse": dict(layer=kan_layer), "KANSynapse.__call__": dict(self=Lazy(lambda: hl.KANSynapse(kan_layer.get())), xhat1=ROW, xhat2=ROW[:3]),
    "MemorySynapse": dict(patterns=X), "MemorySynapse.__call__": dict(self=of("MemorySynapse", X), xhat=ROW),
    "RandomFeatureSynapse": dict(patterns=X, key=KEY, features=8), "RandomFeatureSynapse.__call__": dict(self=features, xhat=ROW),
    "RandomFeatureSynapse.add": dict(self=features, patterns=X), "fourier_features": dict(u=X, frequencies=W.T),
    "BinaryMemory": dict(patterns=SIGNS), "BinaryMemory.energy": dict(self=binary, x=SIGNS[0]), "BinaryMemory.__call__": dict(self=binary, x=SIGNS[0]),
    "BinaryMemory.recall": dict(self=binary, x=SIGNS[0]),
    **{name: dict(ham=ham, xs=XS, steps=2) for name in ("descend", "alternate", "simulate", "fixed_point")},
    "simulate_ode": dict(ham=ham, xs=XS, points=2), "langevin": dict(ham=ham, xs=XS, steps=2, key=KEY), "fixed_points": dict(ham=ham, starts=BATCH, steps=2),
    "plot_landscape": dict(ham=ham, xs=XS, layer="v", points=3), "capacity": dict(error=lambda K, seed: K, level=3., seeds=1, most=9),
    "LMaskedSoftmax": dict(beta=1.), "association_matrix": dict(ham=Lazy(lambda: hl.energy_transformer(3, 4, KEY, 2, 3, 5)), xs={"tokens": X}),
    "energy_transformer": dict(tokens=3, dim=4, key=KEY, heads=2, zspace_dim=3, memories=5),
    # micrograd
    "Value": dict(data=0.5), "check_gradient": {"f": lambda v: v.tanh(), "*at": (0.5,)}, "numerical_derivative": dict(f=np.sin, at=0.5),
    **{f"Value.{m}": dict(self=value) for m in "exp log relu sigmoid sin tanh backward zero_grad".split()},
    "Value.max": dict(self=value, other=1.), "Value.named": dict(self=value, label="a"),
}

# What functions return, or what a class is made from: nobody calls these with arguments of his own
RECORDS = {
    "Module": lambda: hl.LTanh(), "Lagrangian": lambda: hl.LTanh(), "Parameter": hl.Parameter, "State": hl.State, "VectorizedHAM": vham.get,
    "Graph": graph.get, "Trace": lambda: hl.descend(ham.get(), XS, 2)[1], "Reason": lambda: hl.Reason.GOING,
    "Catalogue": lambda: hl.catalogue, "catalogue": lambda: hl.catalogue, "CatalogueEntry": lambda: hl.catalogue["tanh"],
    "DualCatalogue": lambda: hl.dual_catalogue, "dual_catalogue": lambda: hl.dual_catalogue, "DualEntry": lambda: hl.dual_catalogue[hl.LTanh],
    "FixedPoints": lambda: hl.fixed_points(ham.get(), BATCH, 2), "Certificate": lambda: hl.convexity_certificate(hl.LTanh(), points=101),
    "RationalCoefficients": coefficients.get, "RationalFit": fit.get, "ConfigEntry": lambda: next(iter(hl.read_rationals_config(config()).values())),
    "Edges": lambda: kan_layer.get().edges(X), "EdgeCurve": lambda: kan.get().edge_curve(0, 0, 0), "SymbolicFit": lambda: found.get()[0], "Suggestions": found.get,
    "Symbol": lambda: hl.symbolic_library["x"], "symbolic_library": lambda: hl.symbolic_library, "SymbolicKANLayer": lambda: fixed.get().layers[0],
    "SymbolicReport": lambda: kan_layer.get().auto_symbolic(INSIDE, ["x"], False)[1], "EdgeReport": lambda: kan_layer.get().auto_symbolic(INSIDE, ["x"], False)[1][0],
    "MonotoneFit": lambda: hl.LSpline.from_function("tanh")[1], "TrainStatus": lambda: hl.TrainStatus(next(iter(hl.Ended)), 1), "Ended": lambda: next(iter(hl.Ended)),
}

# Methods that the package itself calls, with arguments that it has looked at: steps of `dual` and of KANs, for classes to override
HOOKS = {"conjugate", "combine", "settled", "sublayer", "with_splines", "lifted", "with_layers"}

NAN, INF = float("nan"), float("inf")
DEEP = np.ones((5, 7, 5, 7, 5), np.float32)    # fits nothing
# kind -> what is none of that kind
KINDS = {
    "array": ["abc", object(), 1j, None, {}, [[1.], [1., 2.]], len],
    "count": ["abc", object(), 1j, None, 1.5, -99, NAN, True, [1, 2]],
    "real": ["abc", object(), 1j, None, NAN, INF, [1., 2.], 10**400],
    "flag": ["abc", object(), None, 3, NAN],
    "choice": ["zzz", object(), None, 3],
    "text": [object(), None, 3],
    "function": ["zzz", object(), None, 3],
    "key": ["abc", object(), None, 3],
    "module": ["abc", object(), None, 3],
    "mapping": ["abc", object(), None, 3],
    "sequence": ["abc", object(), None, 3, 1.5],
    "sizes": ["abc", object(), None, 0, -1, 1.5, (2, 0)],
    "mask": ["abc", object(), 1., 1j, DEEP > 0],
    "path": [None, 3, object(), 1.5],
    "axes": ["abc", 3],
    "any": [],
}
# argument -> its kind, and what else it may not be
RULES = {
    # states and activations may be anything real; `conjugate` gets what `dual` has looked at
    "x": ("array",), "xhat": ("array",), "xhat1": ("array", DEEP), "xhat2": ("array", DEEP), "xhats": ("array", DEEP), "args": ("any",),
    "xs": ("mapping", {}, {"v": "abc"}, {"v": None, "h": None}, {"v": DEEP, "h": DEEP}), "starts": ("mapping", {}, {"v": None, "h": None}),
    **{f"HAM.{m}.xhats": ("mapping", {}, {"v": None, "h": None}) for m in ("connection_energies", "dEdact", "energy", "energy_tree", "neuron_energies")},
    **{f"VectorizedHAM.{m}.xhats": ("mapping", {}, XS) for m in ("connection_energies", "dEdact", "energy", "energy_tree", "neuron_energies")},
    "ham": ("module",), "clamp": ("choice", ["zzz"], {"v": "abc"}, {"v": DEEP > 0}), "recall.clamp": ("mask",), "mask": ("mask",), "axis": ("count", 9, (0, 0), "abc"),
    # parameters
    "beta": ("array", -1., NAN, DEEP), "min_beta": ("real", 0., -1.), "eps": ("real", 0., -1.), "gamma": ("array", -1., NAN, DEEP), "delta": ("array", NAN, INF, DEEP),
    "ax": ("axes",), "key": ("key",), "freeze": ("choice",), "progress": ("flag",), "k": ("count",), "G": ("count", 0), "shape": ("sizes",), "shapes": ("sizes",),
    "filter_shape": ("sizes",), "window_strides": ("sizes",), "bs": ("count",), "seeds": ("count",), "padding": ("choice", ((1, 1), (1, 1)), "abc"),
    "in_use.module": ("module",), "modules": ("module",), "fit": ("module",), "f": ("function",), "act": ("module",), "layers": ("sequence",),
    "fit_affine.f": ("module",), "variance_gain.f": ("choice",), "draw.root": ("module",), "order": ("array", [0.5], [9]),
    "lo": ("real",), "hi": ("real",), "register_rational.name": ("text",), "plot_functions.name": ("any",), "named.label": ("any",), "layer": ("choice", 9, -9, True), "LiveChart.push.x": ("array",),
    "Parameter.node.default": ("any",), "State.node.default": ("any",), "least": ("count", 0), "Parameter.node.least": ("choice", NAN), "Parameter.node.most": ("choice", NAN),
    "KAN.refine.grid": ("sizes",), "KAN.grid": ("sizes",), "KANLayer.grid": ("array",), "MonotoneKAN.grid": ("sizes",), "MonotoneKAN.k": ("count",), "KAN.k": ("count",), "animate.frames": ("module",), "graph_of.roots": ("module",), "inline": ("choice",),
    **{name: ("any",) for name in ("title", "xlabel", "ylabel", "label", "prefix", "formula", "gradient", "state", "boundary", "domain", "convex", "params", "aux")},
    "low": ("real",), "high": ("real",), "uniform_grid.low": ("array", INF, NAN), "uniform_grid.high": ("array", INF, NAN), "pair": ("sequence", (0, 99), (-9, 1), (1, 1)),
    "LRational.numerator": ("array", [NAN, 1.]), "LRational.denominator": ("array", [NAN]), "refine_at": ("mapping", [1], {-1: 10}), "ridge": ("real", 0., -1.),
    "fix_symbolic.name": ("choice",), "form": ("any",), "add_symbolic.domain": ("sequence",), "add_symbolic.name": ("text",), "by": ("count",), "__call__.key": ("any",), "symbolic_formula.normalizer": ("sequence",), "plot_fit.axes": ("axes",),
    "draw.gradient": ("flag",), "rational_from_state.state": ("mapping", {}),
}
# what looks wrong and is right; the class or function may be a pattern: "L*.axis" is known to fit only when there is a state
ALLOWED = {"L*.axis": (-99, 9, (0, 0)), "L*.beta": (-1., DEEP), "L*.gamma": (DEEP,), "L*.delta": (DEEP,), "*.clamp": (None,), "animate.frames": ("abc",), "Parameter.node.*": ("zzz", 3), "graph_of.roots": ("abc",),
           "Value.data": (NAN, INF), "Value.max.other": (NAN, INF), "LiveChart.push.y": (NAN, INF), "LiveChart.push.x": (NAN,), "rational_poles.*": (INF,), 
           "KAN.grid": (3,), "KAN.refine.grid": (3,), "KAN.k": ([1, 2],), "MultKAN.k": ([1, 2],), "MultKAN.grid": (3,), "MonotoneKAN.grid": (3,), "MonotoneKAN.k": ([1, 2],), "MultKAN.mult_arity": (3,), "capacity.seeds": ([1, 2], "abc"), "fit_rational.starts": (3,), "VectorizedHAM.*.xhats": (XS,)}
