"""What `check_package.py` runs with the installed package alone: one gradient of every family, with whatever versions there are.

The first lines are what a first user does. Then each family takes a gradient, which is compared with a difference quotient, so that
an operation that a version of JAX cannot differentiate, or transposes wrongly, is found by name. The rest of the package's parts are
called once. Needs nothing but what the package itself requires."""
import importlib.metadata, io, os, pathlib, sys, tempfile, time, traceback
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"    # compiled quickly rather than well
import jax, jax.numpy as jnp, matplotlib, numpy as np
import hamux_lit as hl
matplotlib.use("Agg")

KEY, RNG = jax.random.key(0), np.random.default_rng(0)

def holds(f, model, x, rtol=1e-5):
    "Raise unless the gradients in a model's parameters and in x fit a difference quotient along a random direction."
    leaves, structure = jax.tree.flatten((model, x))
    moves = jax.tree.leaves((hl.parameters(model), hl.parameters(x)))    # what learns, and all that is floating of anything else
    assert len(moves) == len(leaves)
    def near(a): return jnp.asarray(a) + 0.01*RNG.normal(size=np.shape(a))    # beside the kinks that coefficients have at 0
    at = {i: near(a) for i, (a, moved) in enumerate(zip(leaves, moves)) if moved}
    both = jax.jit(jax.value_and_grad(lambda at: f(*structure.unflatten([at.get(i, a) for i, a in enumerate(leaves)]))))
    way = {i: jnp.asarray(RNG.normal(size=a.shape)) for i, a in at.items()}
    slope = sum((d*way[i]).sum() for i, d in both(at)[1].items())
    up, down = (both({i: a + h*way[i] for i, a in at.items()})[0] for h in (1e-5, -1e-5))
    np.testing.assert_allclose(slope, (up - down)/2e-5, rtol=rtol, atol=1e-7)
    assert slope != 0

X = RNG.uniform(-0.9, 0.9, (6, 2))
V = RNG.normal(size=(3, 5))

def first_use():
    memories = jnp.sign(jax.random.normal(KEY, (5, 100)))
    ham = hl.HAM({"pixels": hl.NeuronLayer("identity", 100)},
                 {"stored": hl.DenseMatrixSynapse(memories, hl.LSoftmax(beta=0.2))}, [(["pixels"], "stored")])
    end, trace = hl.descend(ham, {"pixels": memories[0].at[50:].set(0.)})
    assert (jnp.sign(end["pixels"]) == memories[0]).all() and trace.energies[-1] < trace.energies[0]

def lagrangians():
    np.testing.assert_allclose(jax.grad(hl.LTanh(beta=2.))(jnp.array([-1., 0., 2.])), np.tanh([-2., 0., 4.]), rtol=1e-6)
    for lagr in (hl.LSoftmax(beta=2.), hl.LHuber(), hl.LLayerNorm(), hl.LSum(hl.LTanh(), hl.LSoftplus())): holds(lambda m, x: m(x), lagr, V[0])

def sparse():
    holds(lambda _, x: jnp.sin(3*hl.entmax(x)).sum(), (), V)
    holds(lambda m, x: m(x), hl.LEntmax(), V[0])

def duals():
    for learned in (hl.LRational(), hl.LSpline()): holds(lambda _, y: learned.dual(y), (), V[0]/4)

def rationals():
    np.testing.assert_allclose(hl.Rational("tanh")(V), np.tanh(V), atol=5e-3)
    holds(lambda m, x: jnp.sin(m(x)).sum(), hl.Rational("tanh"), V)
    holds(lambda m, x: jnp.sin(m(x)).sum(), hl.GroupRationalKAN([4, 2], 2, key=KEY), np.hstack([X, X]))
    assert hl.fit_rational("sigmoid", degrees=(5, 4)).rmse < 1e-2

def splines():
    grid, coef = hl.uniform_grid(-1., 1., 5, 3, 2), jnp.asarray(RNG.normal(size=(2, 3, 8)))
    holds(lambda coef, x: jnp.sin(hl.coef2curve(x, grid, coef, 3)).sum(), coef, X)
    holds(lambda coef, x: jnp.sin(hl.spline_sum(x, grid, coef, 3)).sum(), coef, X)
    holds(lambda m, x: m(x), hl.LSpline(), V[0])

def kans():
    for grid in (3, 20, 40):    # one size for each way of summing
        model, x = hl.KAN([2, 2, 1], grid=grid, key=KEY), np.tile(X, (1 if grid == 3 else 1000, 1))
        holds(lambda m, x: jnp.sin(m(x)).mean(), model, x, 1e-4)
    y = np.sin(3*X[:, :1])
    model = hl.KAN([2, 1], grid=3, key=KEY)
    fitted, history = model.fit((X, y), steps=3, progress=False)
    assert history["loss"][-1] < history["loss"][0]
    model.refine(6).update_grid_from_samples(X)
    assert fitted.suggest_symbolic(0, 0, 0)
    fitted.plot(X).figure.savefig(io.BytesIO())

def memories():
    weights = hl.LinearSynapse(0.3*RNG.normal(size=(5, 4)))
    ham = hl.HAM({"a": hl.NeuronLayer("tanh", 5, bias=0.1), "b": hl.NeuronLayer("softmax", 4)}, {"s": weights}, [(("a", "b"), "s")])
    xs = {"a": V, "b": V[:, :4]}
    def squares(xs): return sum((x**2).sum() for x in xs.values())
    holds(lambda m, xs: squares(hl.simulate(m, xs, 5)[0]), ham, xs)
    def rest(synapse):    # where it comes to rest does not depend on the start
        return squares(hl.fixed_point(hl.HAM(ham.neurons, {"s": synapse}, ham.connections), xs, tol=1e-12)[0])
    holds(lambda synapse, _: rest(synapse), weights, ())
    end, trace = hl.alternate(ham, xs)
    assert np.all(trace.energies[-1] <= trace.energies[0])
    hl.plot_energy_trace(trace.energies).figure.savefig(io.BytesIO())

def banks():
    for sep in ("log_sum_exp", "power"):
        holds(lambda m, x: jax.vmap(m)(x).sum(), hl.MemorySynapse(RNG.normal(size=(70, 5)), sep, block=32), V)
    tokens = RNG.normal(size=(3, 4))
    holds(lambda m, x: m(x), hl.SelfAttentionSynapse(0.5*RNG.normal(size=(2, 3, 4)), 0.5*RNG.normal(size=(2, 3, 4))), tokens)

def graphs():
    a, b = hl.Value(2.), hl.Value(-3.)
    c = (a*b + a).tanh()
    c.backward()
    np.testing.assert_allclose(a.grad, (1 - np.tanh(-4)**2)*(-2), rtol=1e-6)

def files():
    with tempfile.TemporaryDirectory() as folder:
        path, model = pathlib.Path(folder)/"model", hl.KAN([2, 1], key=KEY)
        hl.save(path, model)
        back = hl.load(path, hl.KAN([2, 1], key=jax.random.key(1)))
    for a, b in zip(jax.tree.leaves(model), jax.tree.leaves(back), strict=True): np.testing.assert_array_equal(a, b)

def pictures():
    for ax in (hl.plot_lagrangian({"tanh": hl.lagr_tanh}), hl.plot_basis(hl.uniform_grid(-1., 1., 5, 3), 3)): ax.figure.savefig(io.BytesIO())

def devices():
    "Loops within `jax.shard_map`, and over explicit axes of a mesh: what JAX changes most from version to version."
    model, P = hl.KAN([2, 1], key=KEY), jax.sharding.PartitionSpec
    for kind in jax.sharding.AxisType.Auto, jax.sharding.AxisType.Explicit:
        mesh = jax.make_mesh((1,), ("batch",), axis_types=(kind,))
        with jax.set_mesh(mesh):
            x = jax.device_put(X, jax.NamedSharding(mesh, P("batch")))
            slope = jax.jit(jax.grad(lambda m, x: m(x).sum()))
            if kind == jax.sharding.AxisType.Auto: slope = jax.shard_map(slope, in_specs=(P(), P("batch")), out_specs=P())
            got = slope(model, x)
        for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(jax.grad(lambda m: m(X).sum())(model)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)

def failures():
    for family in (first_use, lagrangians, sparse, duals, rationals, splines, kans, memories, banks, graphs, files, pictures, devices):
        jax.config.update("jax_enable_x64", family is not first_use)
        start = time.process_time()
        try: family()
        except Exception: yield f"{family.__name__}:\n{traceback.format_exc()}"
        if "--times" in sys.argv: print(f"{time.process_time() - start:6.1f} s  {family.__name__}", flush=True)

if __name__ == "__main__":
    if "--here" not in sys.argv:    # told so, it runs with a checkout
        assert pathlib.Path(hl.__file__).is_relative_to(sys.prefix), hl.__file__
        assert hl.__version__ == importlib.metadata.version("hamux_lit")
    wrong = list(failures())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("jax", "equinox", "numpy", "fastcore", "matplotlib"))
    print("\n".join(wrong) or "every family has its gradients", "with", versions, "on Python", sys.version.split()[0])
    sys.exit(bool(wrong))
