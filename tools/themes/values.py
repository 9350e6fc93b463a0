"""What functions of arrays return: in every dtype the value of float64 to rounding, under `jit` and `vmap` the value without
them, and a gradient that agrees with finite differences in float64. Records of results are what they say they are."""
import inspect
import equinox as eqx, jax, jax.numpy as jnp, numpy as np
from hypothesis import Phase, given, settings, strategies as st
from recipes import RECIPES, RECORDS, arguments_of, hl
from themes.common import call, short, target_of

STATES = "x", "xs", "xhat", "xhats", "xhat1", "xhat2", "u", "starts"    # arguments that a case scales
INSIDE = "dual", "inverse", "in_domain", "energy", "gap", "fenchel_young_loss"    # where activations must stay activations
ABSOLUTE = {"Lagrangian.__call__": 1e-4,    # of a learned curve: the difference of two areas from the left end of its interval
            "KAN.edge_scores": 1e-4}        # spreads of edges that hardly vary beside their means: float64 of known samples, float32 under jit
# what has no value to compare: it draws, fits, trains, samples, runs, or returns what is no array
NO_VALUES = ("fit", "plot", "train", "langevin", "simulate_ode", "descend", "alternate", "fixed_point", "capacity", "animate", "draw", "check_gradient",
             "numerical_derivative", "variance", "rand_init", "from_conv_params", "init", "energy_transformer", "prune", "update_grid", "step", "recall", "smallest_slope",
             "initial", "conjugate", "in_domain", "curve2coef", "from_function", "Value", "LiveChart", "local_basis", "out_of_range", "RationalCoefficients", "EdgeCurve", "with_layers", "refine", "symbolic", "out_of_domain", "SymbolicFit")

def has_values(name):
    target = target_of(name)
    if inspect.isclass(target) or any(word in name for word in NO_VALUES): return False
    return any(k.lstrip("*") in STATES for k in arguments_of(name))

def floats(tree): return [a for a in jax.tree.leaves(tree) if eqx.is_inexact_array(a)]

def cast(tree, dtype):
    "Every array of floats in another dtype, those of modules too."
    return jax.tree.map(lambda a: np.asarray(a, dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else
                        a.astype(dtype) if eqx.is_inexact_array(a) else a, tree)

def function_of(name, arguments):
    "A function of the states alone, and the states."
    states = {k: v for k, v in arguments.items() if k.lstrip("*") in STATES}
    others = {k: v for k, v in arguments.items() if k not in states}
    return (lambda states, others=others: floats(call(name, {**others, **states}))), states, others

def drawn(states, scale, seed, inside):
    "States of a size, drawn anew."
    rng = np.random.default_rng(seed)
    def one(a):
        a = np.asarray(a)
        if a.dtype.kind != "f": return a
        return a*rng.uniform(0.2, 1, a.shape) if inside else scale*rng.normal(size=a.shape)
    return jax.tree.map(one, states)

def spread(f, states, eps, rng):
    "How far values move if states are wrong by a rounding."
    base = f(states)
    moved = [f(jax.tree.map(lambda a: a*(1 + eps*rng.choice([-1, 1], a.shape)), states)) for _ in range(3)]
    return base, [np.max([np.abs(np.asarray(m[i]) - np.asarray(b)) for m in moved], 0) for i, b in enumerate(base)]

def close(name, dtype, got, wanted, slack, lines):
    "Raise unless an array has the values of float64, to rounding of its dtype."
    eps, top = float(jnp.finfo(dtype).eps), float(jnp.finfo(dtype).max)
    a, b = np.asarray(got, np.float64), np.asarray(wanted, np.float64)
    wide = 64*float(jnp.finfo(jnp.float32).eps)*np.abs(b).max(initial=0)
    with np.errstate(all="ignore"):
        fine = (np.abs(a - b) <= 2*eps*np.abs(b) + 16*slack + wide + 4*float(jnp.finfo(dtype).tiny)) | (a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(b) > 0.99*top)
    if not fine.all():
        i = np.argmin(fine)
        lines.append(f"{name}, {jnp.dtype(dtype).name}: {a.ravel()[i]!r} for {b.ravel()[i]!r}")

def differentiated(f):
    "Values, and the slope of a number made of them."
    def loss(states):
        values = f(states)
        return sum(jnp.sin(v).sum() for v in values), values
    return jax.jit(jax.value_and_grad(loss, has_aux=True))

def check_wide(name, seed, wide, narrowed):
    "The slope in float64 against differences, and the values of cases in narrower dtypes."
    lines, arguments = [], arguments_of(name)
    rng = np.random.default_rng(seed)
    with jax.enable_x64(True):
        f, _, _ = function_of(name, cast(arguments, np.float64))
        both = differentiated(f)
        def values(states): return [np.asarray(v) for v in both(states)[0][1]]
        way = jax.tree.map(lambda a: rng.normal(size=a.shape)*(a.dtype.kind == "f"), wide)
        slope = sum(float((g*w).sum()) for g, w in zip(jax.tree.leaves(both(wide)[1]), jax.tree.leaves(way)))
        def loss(h): return float(both(jax.tree.map(lambda a, w: a + h*w, wide, way))[0][0])
        steps = [(loss(h) - loss(-h))/(2*h) for h in (1e-5, 1e-6)]
        if abs(steps[0] - steps[1]) < 1e-4*(1 + abs(slope)) and not abs(slope - steps[0]) < 1e-3*(1 + abs(slope)):
            lines.append(f"{name}: a slope of {slope:.6g}, by finite differences {steps[0]:.6g}")
        wanted = [spread(values, jax.tree.map(lambda a: a.astype(np.float64) if jnp.issubdtype(a.dtype, jnp.floating) else a, states),
                         float(jnp.finfo(jnp.float32).eps), rng) for _, states in narrowed]
    f, _, _ = function_of(name, arguments)
    for (dtype, states), (values, slack) in zip(narrowed, wanted):
        for got, w, s in zip(jax.jit(f)(states), values, slack):
            if got.dtype not in (dtype, jnp.promote_types(dtype, jnp.float32)): lines.append(f"{name} of {jnp.dtype(dtype).name} returns {got.dtype}")
            close(name, got.dtype, got, w, s + ABSOLUTE.get(name, 0)/16, lines)
    return lines

def in_dtype(states, dtype): return jax.tree.map(lambda a: np.asarray(a).astype(dtype) if np.asarray(a).dtype.kind == "f" else a, states)

def check_transformations(name, first, second):
    "`jit` and `vmap` at once, against eager calls in float32."
    lines, f = [], function_of(name, arguments_of(name))[0]
    eager, both = f(first), jax.jit(jax.vmap(f))(jax.tree.map(lambda *a: np.stack(a), first, second))
    for a, b in zip(both, eager):
        if not np.allclose(a[0], b, rtol=2e-5, atol=ABSOLUTE.get(name, 0) + 1e-5*(1 + np.abs(np.asarray(b)).max(initial=0)), equal_nan=True): lines.append(f"{name}: under jit and vmap {short(a[0])} for {short(b)}")
    return lines

DTYPES = jnp.float16, jnp.bfloat16, jnp.float32
cases = st.lists(st.tuples(st.sampled_from([1e-3, 0.3, 1., 3., 30.]), st.integers(0, 2**16)), min_size=3, max_size=3)

def check(name, scales, dtypes):
    "All that holds of one function, for a few states."
    inside, states = any(w in name for w in INSIDE), function_of(name, arguments_of(name))[1]
    first, second, third = (drawn(states, *case, inside) for case in scales)
    lines = check_wide(name, scales[0][1], drawn(states, 1., scales[2][1], inside), [(d, in_dtype(s, d)) for d, s in zip(dtypes, (third, second, first))])
    return lines + check_transformations(name, in_dtype(first, np.float32), in_dtype(second, np.float32))

def lines(long=False, only=None):
    count = 0
    for i, name in enumerate(RECIPES):
        if (only and only not in name) or not has_values(name): continue
        found, dtypes = [], DTYPES if long else DTYPES[i % 3:i % 3 + 1]
        @settings(max_examples=10 if long else 1, derandomize=True, deadline=None, database=None, phases=[Phase.generate], print_blob=False)
        @given(cases)
        def case(scales): found.extend(check(name, scales, dtypes))
        try: case()
        except Exception as e: found.append(f"{name}: {type(e).__name__}: {short(e)}")
        count += 1
        yield from found[:3]
    for name, make in RECORDS.items():
        if only and only not in name: continue
        try: value, kind = make(), getattr(hl, name)
        except Exception as e: yield f"{name}: {type(e).__name__}: {short(e)}"; continue
        if inspect.isclass(kind) and not (isinstance(value, kind) or value is kind): yield f"{name}: got {type(value).__name__}"
        if not repr(value): yield f"{name}: shows nothing"
    print(f"{count} functions in a narrow dtype, under jit, vmap and grad, and in float64; {len(RECORDS)} records")
