"""First calls: processor seconds in a fresh process, tracing and compiling included, beside loops written by hand.

A memory of 64-32-10 neurons, identity, relu and softmax, eight samples. By hand means for this memory alone: energy and
activations as formulas, no checks, one reason to stop. `simulate`: forty steps in a scan, energies recorded. `descend`:
a while loop with a step size for each sample, a step taken only if the energy does not rise, the next one as long as
the slopes say, energies recorded. `fixed_point` is beside the same loop, and its gradient beside the implicit function
theorem with the matrix written out and solved. Contestants take turns; a figure is the median of their processes."""
import argparse, os, statistics, subprocess, sys, time
import common

def contestants():
    "Name -> call, for memories of ours and for what is written by hand."
    import equinox as eqx, jax, jax.numpy as jnp, numpy as np
    import hamux_lit as hl
    rng = np.random.default_rng(0)
    S, T = (rng.normal(size=s).astype(np.float32)/np.sqrt(s[0]) for s in ((64, 32), (32, 10)))
    xs = {k: jnp.asarray(rng.normal(size=(8, n)), jnp.float32) for k, n in zip("abc", (64, 32, 10))}
    layers = {k: hl.NeuronLayer(name, n) for k, name, n in zip("abc", ("identity", "relu", "softmax"), (64, 32, 10))}
    ham = hl.HAM(layers, {"s": hl.LinearSynapse(S), "t": hl.LinearSynapse(T)}, [(("a", "b"), "s"), (("b", "c"), "t")])
    S, T = jnp.asarray(S), jnp.asarray(T)

    def act(x): return {"a": x["a"], "b": jax.nn.relu(x["b"]), "c": jax.nn.softmax(x["c"])}
    def energy(g, x, S, T):
        leak = sum((g[k]*x[k]).sum() for k in "abc") - (x["a"]**2).sum()/2 - (jax.nn.relu(x["b"])**2).sum()/2
        return leak - jax.nn.logsumexp(x["c"]) - g["a"] @ S @ g["b"] - g["b"] @ T @ g["c"]
    def look(x, S, T): return jax.value_and_grad(energy)(act(x), x, S, T)

    @jax.jit
    def simulate(S, T, xs):
        def body(x, _):
            e, d = jax.vmap(lambda x: look(x, S, T))(x)
            return {k: x[k] - 0.1*d[k] for k in x}, e
        return jax.lax.scan(body, xs, None, 40)

    def inner(a, b): return sum((a[k]*b[k]).sum() for k in a)
    def descent(S, T, xs):
        def one(x, g, e, d, step):
            new = {k: x[k] - step*d[k] for k in x}
            g2, (e2, d2) = act(new), look(new, S, T)
            change = jax.tree.map(jnp.subtract, g2, g)
            before, after = inner(d, change), inner(d2, change)
            ok = (e2 <= e + 0.1*jnp.minimum(before, 0)) & jnp.isfinite(e2)
            factor = jnp.where(after > before, before/jnp.where(after > before, before - after, 1), 4)
            step = jnp.minimum(step*jnp.where(ok, jnp.clip(factor, 0.25, 4), 0.5), 1)
            kept = jax.tree.map(lambda a, b: jnp.where(ok, a, b), (new, g2, e2, d2), (x, g, e, d))
            rest = jnp.stack([jnp.abs(v).max() for v in kept[3].values()]).max() <= 1e-4
            return *kept, step, rest
        e, d = jax.vmap(lambda x: look(x, S, T))(xs)
        def body(s):
            i, point, step, rest, log = s
            *point, step, rest = jax.vmap(one)(*point, step)
            return i + 1, tuple(point), step, rest, log.at[i].set(point[2])
        n = len(e)
        start = 1, (xs, jax.vmap(act)(xs), e, d), jnp.full(n, 0.5), jnp.zeros(n, bool), jnp.zeros((201, n)).at[0].set(e)
        return jax.lax.while_loop(lambda s: (s[0] <= 200) & ~s[3].all(), body, start)
    descend = jax.jit(descent)

    @jax.jit
    def gradient(S, T, xs):
        "Of the sum of the last layer where it rests, in S: (dF/dx)^-T, written out, times dF/dS."
        rest = descent(S, T, xs)[1][0]
        flat, unravel = jax.flatten_util.ravel_pytree(jax.tree.map(lambda a: a[0], rest))
        def force(v, S): return jax.flatten_util.ravel_pytree(look(unravel(v), S, T)[1])[0]
        def of_one(x):
            v = jax.flatten_util.ravel_pytree(x)[0]
            out = jax.flatten_util.ravel_pytree({**jax.tree.map(jnp.zeros_like, x), "c": jnp.ones(10)})[0]
            pull = -jnp.linalg.solve(jax.jacobian(force)(v, S).T, out)
            return jax.vjp(lambda S: force(v, S), S)[1](pull)[0]
        return jax.vmap(of_one)(rest).sum(0)

    def ours(S): return hl.fixed_point(eqx.tree_at(lambda h: h.hypersynapses["s"].W, ham, S), xs)[0]["c"].sum()
    return {
        "simulate": (lambda: hl.simulate(ham, xs, 40, 0.1), lambda: simulate(S, T, xs)),
        "descend": (lambda: hl.descend(ham, xs), lambda: descend(S, T, xs)),
        "fixed_point": (lambda: hl.fixed_point(ham, xs), lambda: descend(S, T, xs)),
        "fixed_point, gradient": (lambda: jax.grad(ours)(S), lambda: gradient(S, T, xs)),
    }

def one(name, which):
    "Processor seconds of one first call, in this process."
    import jax, jax.numpy as jnp
    run = contestants()[name][which]
    jax.block_until_ready(jnp.ones(3).sum())
    start = time.process_time()
    jax.block_until_ready(run())
    print(time.process_time() - start)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one process each instead of five")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one: return one(args.one[0], int(args.one[1]))
    if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    def ask(name, which):
        call = [sys.executable, __file__, "--one", name, str(which)]
        return float(subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    names, rows = ("simulate", "descend", "fixed_point", "fixed_point, gradient"), []
    times = {(name, w): [] for name in names for w in (0, 1)}
    for _ in range(1 if args.quick else 5):
        for key in times: times[key].append(ask(*key))
    print(f"first call, processor seconds{'':14}{'hamux_lit':>10}{'by hand':>10}")
    for name in names:
        ours, hand = (statistics.median(times[name, w]) for w in (0, 1))
        print(f"  {name:40}{ours:10.2f}{hand:10.2f} {ours/hand:6.2f}x", flush=True)
        rows.append(dict(what=name, seconds=ours, by_hand=hand, ratio=ours/hand))
    common.save(__file__, rows)

if __name__ == "__main__": main()
