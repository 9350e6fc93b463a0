"""Bad input over every argument of every public callable: none passes silently, all are refused by ValueError or TypeError, and
the message names the argument."""
import contextlib, inspect, io, re, signal, warnings
from fnmatch import fnmatchcase as fnmatch
from collections import Counter
import matplotlib.pyplot as plt
from recipes import ALLOWED, KINDS, RECIPES, RULES, arguments_of
from themes.common import call, short, target_of

NAMED = 0.99    # the share of messages that must name the argument
BY_ANNOTATION = [("HAM", "module"), ("Lagrangian", "function"), ("dict", "mapping"), ("Mapping", "mapping"), ("ArrayLike", "array"), ("Callable", "function"), ("Path", "path"),
                 ("tuple", "sequence"), ("Sequence", "sequence"), ("Iterable", "sequence"), ("list", "sequence"), ("bool", "flag"), ("int", "count"), ("float", "real"), ("str", "choice"), ("Array", "array"), ("Any", "any")]

def kind_of(name, parameter):
    "The rule for an argument, from its name or its annotation; None if there is none."
    for key in (f"{name}.{parameter.name}", f"{name.split('.')[-1]}.{parameter.name}", parameter.name):
        if key in RULES: return RULES[key]
    note = str(parameter.annotation)
    return next(((kind,) for word, kind in BY_ANNOTATION if re.search(rf"\b{word}\b", note)), None)

def may_be_none(parameter): return parameter.default is None or re.search(r"\b(None|Any)\b", str(parameter.annotation))

def bad_values(name, parameter):
    if not (rule := kind_of(name, parameter)):
        raise LookupError(f"nothing says what `{parameter.name}: {parameter.annotation}` may not be: add it to RULES")
    kind, *more = rule
    allowed = [v for pattern, values in ALLOWED.items() if fnmatch(f"{name}.{parameter.name}", pattern) for v in values]
    for value in [*KINDS[kind], *more]:
        if value is None and (may_be_none(parameter) or parameter.kind == parameter.VAR_POSITIONAL): continue
        if not any(value is a or (type(value) is type(a) and repr(value) == repr(a)) for a in allowed): yield value

class Slow(BaseException): pass

def alarm(*_): raise Slow

def outcome(name, arguments, argument):
    "What a bad call comes to: `named`, `unnamed`, `other type`, `slow` or `silent`, and the message."
    signal.setitimer(signal.ITIMER_REAL, 30)
    try:
        with contextlib.redirect_stdout(io.StringIO()): call(name, arguments)
    except (ValueError, TypeError, SystemExit) as e:    # the last from the command
        return "named" if re.search(rf"\b{re.escape(argument)}\b", str(e)) else "unnamed", f"{type(e).__name__}: {e}"
    except Slow: return "slow", "30 s"
    except Exception as e: return "other type", f"{type(e).__name__}: {e}"
    finally: signal.setitimer(signal.ITIMER_REAL, 0)
    return "silent", ""

def cases(name):
    "Pairs of an argument and arguments in which it is bad."
    valid = arguments_of(name)
    for p in inspect.signature(target_of(name)).parameters.values():
        if p.name in ("self", "cls") or p.kind == p.VAR_KEYWORD: continue
        key = f"*{p.name}" if p.kind == p.VAR_POSITIONAL else p.name
        for bad in bad_values(name, p): yield p.name, bad, {**valid, key: (bad,) + tuple(valid[key][1:]) if key[0] == "*" else bad}

def lines(long=False, only=None):
    "What is wrong, a line each, and the counts."
    signal.signal(signal.SIGALRM, alarm)
    warnings.simplefilter("ignore")    # of fits that are as bad as they were asked to be
    counts, unnamed = Counter(), []
    for name in RECIPES:
        if only and only not in name: continue
        plt.close("all")
        try:
            with contextlib.redirect_stdout(io.StringIO()): call(name, arguments_of(name))
            found = list(cases(name))
        except Exception as e:
            yield f"{name}: the recipe in tools/recipes.py fails: {type(e).__name__}: {short(e)}"
            continue
        for argument, bad, arguments in found:
            what, said = outcome(name, arguments, argument)
            counts[what] += 1
            line = f"{name}({argument}={short(bad, 60)}): {what} {short(said)}"
            if what == "unnamed": unnamed.append(line)
            elif what != "named": yield line
    total = sum(counts.values())
    if len(unnamed) > (1 - NAMED)*total: yield from unnamed
    elif unnamed: print("\n".join(["without the name of the argument, which a few may be:", *unnamed]))
    print(f"{total} bad calls: " + ", ".join(f"{n} {what}" for what, n in counts.most_common()))
