"""The energy of a memory never rises: the property test of the notebook on dynamics, at full size. Run it with `make bench`.

Random architectures - layers of every Lagrangian in the catalogue and of learned ones, synapses of every kind, time
constants, biases, layers without a leak, layers held in whole or in part - and for each of them random weights, states, and step sizes from
1e-3 to 1e3. In every one of these networks, after every step:
- the energy that the trace records is not above the lowest one before it by more than four roundings of what is summed,
  which is what the rule of acceptance promises,
- the energy of the recorded states, computed afresh in float64, is not above the lowest one before it by more than one,
- everything is finite, and what is held has not moved by a bit.
The notebook has a test of the same kind with one architecture. This one compiles a program for each architecture, takes
six minutes of one core and, however busy the machine is, begins no architecture after `--minutes`."""
import argparse, time
import common
import jax, jax.numpy as jnp, numpy as np
import hamux_lit as hl
from hamux_lit.kan import KANLayer
from hamux_lit.learned import LRational, LSpline

LAGRANGIANS = [e.module(**e.parameters) for e in hl.catalogue.values()] + [
    LSpline.from_function(lambda x: np.tanh(2*x), G=6)[0], LSpline(G=4), LRational.from_function(np.tanh)[0]]

def random_ham(rng, key):
    "An architecture from `rng`, which is the same for all draws, with weights from `key`; states, and what is held."
    keys = iter(jax.random.split(key, 64))
    def normal(*shape): return jax.random.normal(next(keys), shape)
    def lagrangian(): return LAGRANGIANS[rng.integers(len(LAGRANGIANS))]
    n, tokens = rng.integers(1, 5), int(rng.integers(2, 5))
    layers, synapses, connections = {}, {}, []
    for i in range(n):
        shape = (int(rng.integers(1, 9)),) if rng.random() < 0.7 else (tokens, int(rng.integers(2, 6)))
        layers[f"n{i}"] = hl.NeuronLayer(
            lagrangian(), shape, tau=float(rng.choice([0.3, 1., 4.])), bias=normal(*shape) if rng.random() < 0.3 else None,
            leak=bool(rng.random() < 0.8))
    def connect(names, synapse):
        synapses[f"s{len(synapses)}"] = synapse
        connections.append((names, f"s{len(synapses) - 1}"))
    strength = float(rng.choice([0.1, 0.5, 2.]))
    def sizes(*names): return [int(np.prod(layers[k].shape)) for k in names]
    def pair(a, b):
        (sa, sb), (da, db) = (layers[k].shape for k in (a, b)), sizes(a, b)
        kind = rng.choice(["linear", "dense", "conv", "attention", "kan"])
        if kind == "attention" and len(sa) == len(sb) == 2: return hl.AttentionSynapse(normal(2, 3, sa[1]), normal(2, 3, sb[1]))
        if kind == "conv" and len(sa) == len(sb) == 2: return hl.ConvSynapse(strength*normal(sb[1], sa[1], 2))
        if kind == "linear" and len(sa) == len(sb) == 1: return hl.LinearSynapseWithBias(strength*normal(*sa, *sb), normal(*sb))
        if kind == "kan" and len(sa) == len(sb) == 1:
            return hl.KANSynapse(KANLayer(*sa, *sb, key=next(keys)))
        return hl.DenseSynapse(strength*normal(da, db))
    def alone(a):
        shape = layers[a].shape
        if len(shape) == 2 and rng.random() < 0.5: return hl.SelfAttentionSynapse(normal(2, 3, shape[1]), normal(2, 3, shape[1]))
        return hl.DenseMatrixSynapse(strength*normal(5, *sizes(a)), lagrangian())
    names = list(layers)
    for a, b in zip(names, names[1:]): connect((a, b), pair(a, b))
    if n == 1 or rng.random() < 0.5: connect((names[0],), alone(names[0]))
    if n > 2 and rng.random() < 0.5: connect(tuple(names[:3]), hl.DenseSynapse(strength*normal(*sizes(*names[:3]))))
    if rng.random() < 0.3: connect((names[-1],), hl.BiasSynapse(normal(*layers[names[-1]].shape)))
    held, scale = rng.random(), float(rng.choice([0.3, 1., 3.]))
    clamp = {}
    if held < 0.25 and n > 1: clamp = {names[0]: True}
    elif held < 0.5: clamp = {names[0]: rng.random(layers[names[0]].shape) < 0.5}
    ham = hl.HAM(layers, synapses, connections)
    return ham, {k: scale*v for k, v in ham.init_states(key=next(keys)).items()}, clamp

def double(tree): return jax.tree.map(lambda a: jnp.asarray(a, jnp.float64) if jnp.issubdtype(a.dtype, jnp.floating) else a, tree)

def check(seed, draws, steps, method=hl.descend):
    "All networks of one architecture; returns the largest rises, recorded and in float64, in float32's epsilons of what is summed."
    def one(key, step):
        ham, xs, clamp = random_ham(np.random.default_rng(seed), key)
        end, trace = method(ham, xs, steps, **({"step": step} if method is hl.descend else {}), clamp=clamp, keep_states=True)
        return ham, xs, end, trace
    keys = jax.random.split(jax.random.key(seed), draws)
    ham, xs, end, trace = jax.jit(jax.vmap(one))(keys, 10.0**jnp.linspace(-3, 3, draws))
    _, _, clamp = random_ham(np.random.default_rng(seed), keys[0])
    assert all(np.isfinite(a).all() for a in jax.tree.leaves((end, trace))), f"architecture {seed}: not finite"
    for k, held in clamp.items(): np.testing.assert_array_equal(*(np.where(held, v[k], 0) for v in (xs, end)))
    with jax.enable_x64(True):
        def exact(ham, xs):
            xhats = ham.activations(xs)
            parts = jax.tree.leaves(ham.energy_tree(xhats, xs))
            scales = {k: xs[k] if ham.neurons[k].leak else xhats[k] for k in xs}    # a state without a leak may be of any size
            return sum(parts), sum(map(jnp.abs, parts)) + sum(jnp.abs(xhats[k]*scales[k]).sum() for k in xs)
        energies, size = map(np.asarray, jax.jit(jax.vmap(jax.vmap(exact, (None, 0))))(double(ham), double(trace.states)))
    def rise(energies): return float(((energies - np.minimum.accumulate(energies, 1))/size).max()/np.finfo(np.float32).eps)
    rises = rise(np.float64(trace.energies)), rise(energies)
    assert rises[0] < 4.01 and rises[1] < 1, f"architecture {seed}: recorded and true energy rose by {rises} roundings"
    return rises, trace

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--architectures", type=int, default=25)
    parser.add_argument("--draws", type=int, default=40, help="networks of each architecture")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=15., help="no architecture is begun after that time")
    args = parser.parse_args()
    worst, reasons, networks, began = (0., 0.), {}, 0, time.time()
    for seed in range(args.architectures):
        if time.time() - began > 60*args.minutes: break
        rises, trace = check(seed, args.draws, args.steps)
        worst, networks = tuple(map(max, worst, rises)), networks + args.draws
        for why, n in zip(*np.unique(trace.reason, return_counts=True)): reasons[str(why)] = reasons.get(str(why), 0) + int(n)
        print(f"\r{networks} networks, {time.time() - began:.0f} s", end="", flush=True)
        jax.clear_caches()
    print(f"\nno energy rose in {networks:,} networks of {networks//args.draws} architectures, {args.steps} steps each")
    print(f"largest rise: recorded {worst[0]:.2f}, in float64 {worst[1]:.2f} float32 epsilons of what is summed; runs ended {reasons}")
    common.save(__file__, [dict(networks=networks, architectures=networks//args.draws, steps=args.steps, rise_recorded=worst[0],
                                rise_in_float64=worst[1], seconds=time.time() - began, reasons=reasons)])

if __name__ == "__main__": main()
