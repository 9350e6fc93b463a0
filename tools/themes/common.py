"What the themes share: how a public callable is found and called."
import inspect, types
import equinox as eqx, hamux_lit as hl

def short(x, most=160):
    text = " ".join((repr(x) if not isinstance(x, (str, Exception)) or not str(x) else str(x)).split())
    return text if len(text) <= most else text[:most] + "..."

def target_of(name):
    "The callable of a name, `Class.method` included."
    value = hl
    for part in name.split("."): value = getattr(value, part)
    return value

def call(name, arguments):
    "Call it; `self` is the object of a method, and extra positional arguments are called `*name`."
    arguments = dict(arguments)
    f = getattr(arguments.pop("self"), name.split(".")[1]) if "self" in arguments else target_of(name)
    extra = [v for k, values in arguments.items() if k[0] == "*" for v in values]
    named = {k: v for k, v in arguments.items() if k[0] != "*"}
    if not extra: return f(**named)
    first = [p.name for p in inspect.signature(f).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD and p.name in named]
    return f(*(named.pop(n) for n in first), *extra, **named)

def public_names():
    "All public names, and the methods that the public classes of the package define."
    seen, public = set(), {n: v for n, v in vars(hl).items() if not (n.startswith("_") or isinstance(v, types.ModuleType))}
    for name, value in public.items(): yield name
    for name, value in sorted(public.items(), key=lambda item: (len(item[0]), item[0])):    # KAN before KANLayer
        if not (inspect.isclass(value) and value.__module__.startswith("hamux_lit")): continue
        for method, code in methods_of(name, value):
            if code not in seen: yield method
            seen.add(code)

def methods_of(name, cls):
    "The methods written in a class or patched on, once for each function: a second name, or a second class, is no second method."
    for method in vars(cls):
        f = getattr(cls, method, None)
        f = getattr(f, "__func__", f)
        f = getattr(f, "__wrapped__", f)
        own = inspect.isfunction(f) and f.__module__.startswith("hamux_lit") and f.__name__ == method
        if own and (method == "__call__" or not method.startswith("_")): yield f"{name}.{method}", f.__code__
