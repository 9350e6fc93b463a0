"""Memories: hamux_lit side by side with HAMUX 0.2.2, on one core. Run it with `make bench`.

Forty steps of one size, the energy recorded at each. The same network, weights and Lagrangians for all:
- README loop: HAMUX as in its quickstart, Python calling JAX op by op,
- jitted step: the same loop with its step compiled,
- jitted scan: HAMUX inside a scan written by hand, once with the memory as an argument (as training needs it) and once
  with the memory as constants,
- by hand: a scan written for this memory alone, its activations and energies as formulas, recorded as well,
- products: the matrix products of the gradient and nothing else, in a scan.
Contestants take turns in one process; a figure is the median of their turns. The first call includes compiling. HAMUX
records 40 energies, hamux_lit 41: that of the end as well. `descend` is timed for each step that it has taken."""
import common
common.one_core()

import argparse, time
import equinox as eqx, jax, jax.numpy as jnp, numpy as np
import hamux_lit as hl

hamux = common.peer("hamux")

STEPS, SIZE, ROWS = 40, 0.1, []

def network(package, sizes, key):
    "Three layers in a row, with Lagrangians of hamux_lit, in either package."
    k1, k2 = jax.random.split(key)
    layers = dict(zip("abc", (hl.LIdentity(), hl.LRelu(), hl.LSoftmax())))
    weights = [jax.random.normal(k, pair)/np.sqrt(pair[0]) for k, pair in zip((k1, k2), (sizes[:2], sizes[1:]))]
    return package.HAM({k: package.NeuronLayer(lagr, (n,)) for (k, lagr), n in zip(layers.items(), sizes)},
                       dict(zip("st", map(package.LinearSynapse, weights))), [(("a", "b"), "s"), (("b", "c"), "t")])

def readme_loop(ham, xs):
    "As in HAMUX's quickstart."
    energies = []
    for _ in range(STEPS):
        energy, slopes = ham.dEdact(ham.activations(xs), xs, return_energy=True)
        energies.append(energy)
        xs = jax.tree.map(lambda x, d: x - SIZE*d, xs, slopes)
    return xs, jnp.stack(energies)

def step(ham, xs):
    energy, slopes = ham.dEdact(ham.activations(xs), xs, return_energy=True)
    return jax.tree.map(lambda x, d: x - SIZE*d, xs, slopes), energy

jitted_step = eqx.filter_jit(step)
def step_loop(ham, xs):
    energies = []
    for _ in range(STEPS):
        xs, energy = jitted_step(ham, xs)
        energies.append(energy)
    return xs, jnp.stack(energies)

def scan(ham, xs): return jax.lax.scan(lambda xs, _: step(ham, xs), xs, None, STEPS)

@jax.jit
def products(s, t, xs):
    "Two products forward and two back a step, each fed into the next step."
    def body(now, _):
        a, b, c = now
        return ((b @ s.T)*0.5, (a @ s + c @ t.T)*0.5, (b @ t)*0.5), None
    return jax.lax.scan(body, tuple(xs.values()), None, STEPS)[0]

@jax.jit
def by_hand(s, t, xs):
    "The same steps, for this memory alone."
    def energy(g, x):
        leak = sum((g[k]*x[k]).sum() for k in "abc") - (x["a"]**2).sum()/2 - (jax.nn.relu(x["b"])**2).sum()/2
        return leak - jax.nn.logsumexp(x["c"]) - g["a"] @ s @ g["b"] - g["b"] @ t @ g["c"]
    def look(x):
        return jax.value_and_grad(energy)({"a": x["a"], "b": jax.nn.relu(x["b"]), "c": jax.nn.softmax(x["c"])}, x)
    def body(x, _):
        e, d = jax.vmap(look)(x)
        return {k: x[k] - SIZE*d[k] for k in x}, e
    return jax.lax.scan(body, xs, None, STEPS)

def timed(run):
    start = time.perf_counter()
    jax.block_until_ready(run())
    return time.perf_counter() - start

def race(sizes, batch, quick):
    key = jax.random.key(0)
    ours = network(hl, sizes, key)
    theirs = network(hamux, sizes, key).vectorize() if hamux else None
    xs = ours.init_states(batch, jax.random.key(1))
    s, t = (ours.hypersynapses[k].W for k in "st")
    scan_arg, scan_const = eqx.filter_jit(scan), jax.jit(lambda xs: scan(theirs, xs))
    inside = jax.jit(lambda xs: hl.simulate(ours, xs, STEPS, SIZE))
    runs = {
        "hamux_lit, simulate": lambda: hl.simulate(ours, xs, STEPS, SIZE),
        "hamux_lit, simulate, memory constant": lambda: inside(xs),
        "by hand": lambda: by_hand(s, t, xs),
        "hamux, README loop": lambda: readme_loop(theirs, xs),
        "hamux, jitted step": lambda: step_loop(theirs, xs),
        "hamux, jitted scan": lambda: scan_arg(theirs, xs),
        "hamux, jitted scan, memory constant": lambda: scan_const(xs),
        "products": lambda: products(s, t, xs),
        "hamux_lit, descend": lambda: hl.descend(ours, xs, STEPS, SIZE, tol=0.),
    }
    if not hamux: runs = {name: run for name, run in runs.items() if not name.startswith("hamux,")}
    first = {}
    for name, run in runs.items():
        tries = []
        for _ in range(1 if quick else 5):
            jax.clear_caches()
            tries.append(timed(run))
        first[name] = float(np.median(tries))
    mine, trace = runs["hamux_lit, simulate"]()
    for peer in ("by hand", *(["hamux, jitted scan"] if hamux else [])):
        other, energies = runs[peer]()
        np.testing.assert_allclose(trace.energies[:-1], energies, rtol=1e-4, atol=1e-4)
        for k in mine: np.testing.assert_allclose(mine[k], other[k], rtol=1e-4, atol=1e-4)
    taken = float(runs["hamux_lit, descend"]()[1].accepted.mean())
    for run in runs.values(): timed(run)
    times, spent = {name: [] for name in runs}, dict.fromkeys(runs, 0.)
    for turn in range(400):
        for name, run in runs.items():
            if turn >= 3 and spent[name] > (0.5 if quick else 3): continue
            times[name].append(timed(run))
            spent[name] += times[name][-1]
    base = np.median(times["hamux_lit, simulate"])
    print(f"\n{'-'.join(map(str, sizes))}, batch {batch}, {STEPS} steps\n  {'':38}{'a run':>12}{'':8}{'first call':>14}")
    for name in runs:
        t = np.median(times[name])
        print(f"  {name:38}{t*1e3:9.2f} ms {t/base:6.2f}x{first[name]:11.2f} s {first[name]/first['hamux_lit, simulate']:6.2f}x", flush=True)
        ROWS.append(dict(sizes="-".join(map(str, sizes)), batch=batch, what=name, ms=t*1e3, of_simulate=t/base, first_call=first[name]))
    fixed = base/(STEPS + 1)
    per = np.median(times["hamux_lit, descend"])/taken
    print(f"  descend: {taken:.1f} of {STEPS} steps taken, {per*1e3:.3f} ms each, {per/fixed:.2f} times a fixed step")

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one first call instead of five, half a second of turns instead of three")
    args = parser.parse_args()
    print(f"{common.processor()}, one core; {common.device()}; jax {jax.__version__}, hamux {common.version('hamux')}, float32", flush=True)
    race((784, 500, 10), 128, args.quick)
    race((64, 32, 10), 8, args.quick)
    common.save(__file__, ROWS)

if __name__ == "__main__": main()
