"""A bank of a million patterns: `MemorySynapse` beside the bare matrix products, on one core. Run it with `make bench`.

Energies of 100 states and their gradients, float32, patterns of 64 components.
- products, whole: scores = g X^T as one matrix, then scores X; two products and nothing else, with all scores in memory,
- products, in blocks: the same two products, block by block, so that scores stay in the cache,
- plain: the energy as one writes it, with all scores, and `jax.grad`.
Contestants take turns in one process; a time is the least of their turns, in processor time. Peak memory is that of a
process of its own for each contestant (ru_maxrss), patterns included, less what the process had before it. With
`--processes`, two processes joined by jax.distributed compute what one does, patterns sharded over both."""
import os, sys

ENV = dict(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", XLA_FLAGS="--xla_cpu_multi_thread_eigen=false")
if os.environ.get("BANK_BENCH") != "ready":
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ENV, "BANK_BENCH": "ready"})

import argparse, json, resource, socket, subprocess, time
import common
from functools import partial
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
from hamux_lit.bank import MemorySynapse

def products(X, g): return (g @ X.T) @ X

def products_in_blocks(X, g, size=2000):
    def add(total, x): return total + (g @ x.T) @ x, None
    return jax.lax.scan(add, jnp.zeros_like(g), X.reshape(-1, size, X.shape[1]))[0]

def plain(similarity, X, g, beta=0.1):
    def energy(g):
        s = X @ g if similarity == "dot" else X @ g - (X**2).sum(1)/2 - (g**2).sum()/2
        return -jax.nn.logsumexp(beta*s)/beta
    return jax.vmap(jax.value_and_grad(energy))(g)

def bank(kind, similarity, X, g, beta=0.1):
    return jax.vmap(jax.value_and_grad(MemorySynapse(X, kind, similarity, beta)))(g)

CONTESTANTS = {"products, whole": products, "products, in blocks": products_in_blocks,
               **{f"plain, {s}": partial(plain, s) for s in ("dot", "euclidean")},
               **{f"bank, {k}, {s}": partial(bank, k, s) for k in ("log_sum_exp", "log_sum_relu", "exponential", "power")
                  for s in ("dot", "euclidean")}}

def data(M, d=64, batch=100):
    "Patterns and states near some of them; drawn in parts, so that drawing needs no memory of its own."
    rng = np.random.default_rng(0)
    X = np.empty((M, d), np.float32)
    for part in np.array_split(X, 64): part[:] = rng.standard_normal(part.shape, np.float32)/4
    return X, X[:batch] + rng.standard_normal((batch, d), np.float32)/8

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024

def memory_of(name, M):
    "Peak memory of one contestant over what the process had before, in units of the patterns."
    run = jax.jit(CONTESTANTS[name])
    small, few = data(32_000)
    jax.block_until_ready(run(jnp.asarray(small), jnp.asarray(few)))    # libraries and compiler are warm
    keys, before = jax.random.split(jax.random.key(0), 1000), peak()
    @jax.jit
    def make(keys): return jax.lax.map(lambda k: jax.random.normal(k, (M//1000, 64))/4, keys).reshape(M, 64)
    X = make(keys)        # NumPy's array and its copy would hide what the contestant needs
    jax.block_until_ready(run(X, jnp.asarray(few)))
    return (peak() - before)/X.nbytes

def free_port():
    with socket.socket() as s:
        s.bind(("localhost", 0))
        return s.getsockname()[1]

def one_process(rank, port, M):
    "Half of a bank: what a user writes, and a check against all of it on one device."
    jax.distributed.initialize(f"localhost:{port}", 2, rank)
    mesh = jax.make_mesh((2,), ("patterns",), axis_types=(jax.sharding.AxisType.Auto,))
    X, g = data(M)
    place = NamedSharding(mesh, P("patterns", None))
    shared = jax.make_array_from_callback(X.shape, place, lambda index: X[index])
    states = jax.make_array_from_callback(g.shape, NamedSharding(mesh, P()), lambda index: g[index])
    run = jax.jit(partial(bank, "log_sum_exp", "euclidean"), out_shardings=NamedSharding(mesh, P()))
    compiled = run.lower(shared, states).compile()
    energies, slopes = (np.asarray(a) for a in compiled(shared, states))
    wanted = jax.jit(partial(plain, "euclidean"))(X, g)
    apart = [float(np.abs(a - np.asarray(b)).max()/np.abs(b).max()) for a, b in zip((energies, slopes), wanted)]
    print(json.dumps({"rank": rank, "devices": jax.device_count(), "apart": apart, "gathers": "all-gather" in compiled.as_text()}))

def two_processes(M=64_000):
    port, env = free_port(), {**os.environ, "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo"}
    runs = [subprocess.Popen([sys.executable, __file__, "--rank", str(i), "--port", str(port), "--patterns", str(M)],
                             stdout=subprocess.PIPE, text=True, env=env) for i in range(2)]
    for run in runs:
        found = json.loads(run.communicate(timeout=300)[0].splitlines()[-1])
        print(f"process {found['rank']} of 2: {found['devices']} devices, relative difference from one device {max(found['apart']):.1e}")
        assert max(found["apart"]) < 1e-5 and not found["gathers"]

def main(M, turns):
    if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    memory = {}
    for name in CONTESTANTS:    # before anything large is made here: a child starts with the peak of its parent
        ask = [sys.executable, __file__, "--memory", name, "--patterns", str(M)]
        memory[name] = float(subprocess.run(ask, check=True, stdout=subprocess.PIPE, text=True).stdout)
    X, g = map(jnp.asarray, data(M))
    runs = {name: jax.jit(f) for name, f in CONTESTANTS.items()}
    out = {name: jax.block_until_ready(run(X, g)) for name, run in runs.items()}
    least = dict.fromkeys(runs, float("inf"))
    for _ in range(turns):
        for name, run in runs.items():
            start = time.process_time()
            jax.block_until_ready(run(X, g))
            least[name] = min(least[name], time.process_time() - start)
    for s in ("dot", "euclidean"):
        apart = [float(jnp.abs(a - b).max()/jnp.abs(b).max()) for a, b in zip(out[f"bank, log_sum_exp, {s}"], out[f"plain, {s}"])]
        print(f"{s}: relative difference from plain: energy {apart[0]:.1e}, gradient {apart[1]:.1e}")
        assert max(apart) < 1e-5
    print(f"{M} patterns x {X.shape[1]}, {len(g)} states{'':8}seconds  of whole  of blocks  memory/patterns")
    rows = []
    for name, t in least.items():
        rows.append(dict(what=name, patterns=M, seconds=t, of_whole=t/least["products, whole"], of_blocks=t/least["products, in blocks"],
                         memory_of_patterns=memory[name]))
        print(f"{name:36} {t:12.3f} {t/least['products, whole']:9.2f} {t/least['products, in blocks']:10.2f} {memory[name]:16.2f}")
    common.save(__file__, rows)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--patterns", type=int, default=1_000_000)
    parser.add_argument("--processes", action="store_true")
    for name in ("memory", "rank", "port"): parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.rank: one_process(int(args.rank), int(args.port), args.patterns)
    elif args.memory: print(memory_of(args.memory, args.patterns))
    elif args.processes: two_processes()
    else:
        main(100_000 if args.quick else args.patterns, 2 if args.quick else 5)
        two_processes()
