"""Energies that never rise: `descend`, `alternate` and `fixed_point` from random states of random memories."""
import jax, numpy as np
from hypothesis import Phase, given, settings, strategies as st
from recipes import KEY, hl

RNG = np.random.default_rng(1)
def weights(*shape): return RNG.normal(size=shape).astype(np.float32)

# layers, and what the synapses between them are
MEMORIES = {
    "hopfield": ({"v": ("tanh", 6), "h": ("softmax", 4)}, {"s": (("v", "h"), hl.LinearSynapse(weights(6, 4)))}),
    "dense": ({"v": ("layernorm", 6)}, {"s": (("v",), hl.MemorySynapse(weights(5, 6)))}),
    "three": ({"a": ("sigmoid", 4), "b": ("relu", 3), "c": ("spherical_norm", 5)},
              {"s": (("a", "b"), hl.LinearSynapse(weights(4, 3))), "t": (("b", "c"), hl.LinearSynapse(0.3*weights(3, 5))), "u": (("c",), hl.DenseMatrixSynapse(weights(2, 5), hl.LSoftmax()))}),
    "tokens": ({"x": ("layernorm", (3, 4))}, {"s": (("x",), hl.SelfAttentionSynapse(weights(2, 3, 4), weights(2, 3, 4)))}),
    "entmax": ({"v": ("identity", 5), "h": ("sparsemax", 4)}, {"s": (("v", "h"), hl.LinearSynapse(weights(5, 4)))}),
    "rational": ({"v": (hl.LRational(), 4), "h": (hl.LSpline(), 3)}, {"s": (("v", "h"), hl.LinearSynapse(0.5*weights(4, 3)))}),
    "kan": ({"v": ("tanh", 4), "h": ("huber", 3)}, {"s": (("v", "h"), hl.KANSynapse(hl.KANLayer(4, 3, key=KEY)))}),
}
QUICK = "hopfield", "three", "tokens"

def memory(name):
    layers, synapses = MEMORIES[name]
    return hl.HAM({k: hl.NeuronLayer(*v) for k, v in layers.items()}, {k: s for k, (_, s) in synapses.items()}, [(names, k) for k, (names, _) in synapses.items()])

def lines(long=False, only=None):
    count = 0
    for name in MEMORIES if long else QUICK:
        ham, wrong = memory(name), []
        shapes = {k: layer.shape for k, layer in ham.neurons.items()}
        @settings(max_examples=60 if long else 6, derandomize=True, deadline=None, database=None, phases=[Phase.generate])
        @given(st.integers(0, 2**16), st.sampled_from([1e-3, 0.3, 3., 100., 1e4]), st.sampled_from([1e-3, 0.1, 0.5, 10., 1e3]), st.booleans())
        def case(seed, size, step, hold):
            rng = np.random.default_rng(seed)
            xs = {k: size*rng.normal(size=(8, *shape)) for k, shape in shapes.items()}
            first = next(iter(shapes))
            held = {first: rng.uniform(size=(8, *shapes[first])) < (0.4 if hold else 0)}
            runs = {"descend": hl.descend(ham, xs, 40, step, clamp=held), "alternate": hl.alternate(ham, xs, 10)}
            if long: runs["fixed_point"] = hl.fixed_point(ham, xs, 40, step, clamp=held)
            for run, (end, trace) in runs.items():
                energies = np.asarray(trace.energies)
                rises = np.diff(energies, axis=0).max(initial=0)
                told = f"{run} of {name}, seed {seed}, size {size:g}, step {step:g}"
                if rises > 1e-12*(1 + np.abs(energies).max()) + 1e-14*size:    # a few roundings of what is summed
                    wrong.append(f"{told}: the energy rises by {rises:g}")
                if not all(np.isfinite(np.asarray(v)).all() for v in [energies, *end.values()]): wrong.append(f"{told}: not finite")
                after = np.asarray(ham.energy(ham.activations(end), end))
                if not np.allclose(after, energies[-1], rtol=1e-9, atol=1e-9*(1 + np.abs(energies[0]).max())): wrong.append(f"{told}: it ends at an energy of {after} and says {energies[-1]}")
                if hold and run != "alternate" and not all(np.array_equal(np.asarray(end[k])[h], xs[k][h]) for k, h in held.items()): wrong.append(f"{told}: moves what is held")
        with jax.enable_x64(True): case()    # where a rounding is far below what a wrong step would do
        count += 1
        yield from wrong[:3]
    print(f"{count} kinds of memories let fall")
