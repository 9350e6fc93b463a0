"""Files: damaged ones end in ValueError or hold what they say, and `save` survives a kill -9 at any moment."""
import json, os, random, signal, time, warnings
from pathlib import Path
import numpy as np
from hypothesis import Phase, given, settings, strategies as st
from recipes import FOLDER, config, hl, kat

TREE = {"a": np.arange(6, dtype=np.float32), "b": [np.full((2, 3), 0.5), 3, True]}

def rule(examples): return settings(max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate])

def damages(data):
    "Strategies for what befalls a file: cut off, a byte changed, some put in, taken out or moved, a name or a number replaced."
    size, some = st.integers(0, max(len(data) - 1, 0)), st.binary(min_size=1, max_size=8)
    def put(at, new, drop): return data[:at] + new + data[at + drop:]
    words = [b"null", b"[]", b"{}", b'"x"', b"-1", b"1e999", b"NaN", b"true", b"[" * 30, b'\\"' * 500]
    return st.one_of(size.map(lambda n: data[:n]), st.builds(put, size, some, st.integers(0, 8)), st.builds(put, size, st.sampled_from(words), st.integers(0, 12)),
                     st.builds(lambda i, j: data[:i] + data[j:] + data[i:j], size, size),
                     st.builds(lambda i, bit: data[:i] + bytes([data[i] ^ 1 << bit]) + data[i + 1:], size, st.integers(0, 7)))

def refused(what, f):
    "What a reader returns, None if it raises ValueError, or a line of what else it does."
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try: return f(), None
        except ValueError: return None, None
        except Exception as e: return None, f"{what}: {type(e).__name__}: {str(e)[:120]}"

def saved(examples):
    path = Path(FOLDER)/"damaged.hl"
    hl.save(path, TREE)
    whole, wrong = path.read_bytes(), []
    header = whole.index(b"\n")
    @rule(examples)
    @given(st.one_of(damages(whole), damages(whole[:header]).map(lambda h: h + whole[header:])))
    def case(data):
        path.write_bytes(data)
        found, line = refused(f"load of {data[:60]!r}...", lambda: hl.load(path, TREE))
        if line: wrong.append(line)
        if found is not None and not all(np.array_equal(a, b) for a, b in zip([found["a"], *found["b"]], [TREE["a"], *TREE["b"]])): wrong.append(f"load: other numbers from {data!r}")
    case()
    return wrong

def numbers_of(text):
    "All lists of coefficients in JSON text, by another road."
    found = []
    def look(node):
        if isinstance(node, dict):
            if isinstance(node.get("init_w_numerator"), list): found.append((node["init_w_numerator"], node["init_w_denominator"]))
            for v in node.values(): look(v)
    look(json.loads(text))
    return found

def coefficients(examples, read, original):
    path, whole, wrong = Path(FOLDER)/"damaged.json", Path(original).read_bytes(), []
    @rule(examples)
    @given(damages(whole))
    def case(data):
        path.write_bytes(data)
        begin = time.process_time()
        found, line = refused(f"{read.__name__} of {data[:60]!r}...", lambda: read(path))
        if time.process_time() - begin > 2: wrong.append(f"{read.__name__}: {time.process_time() - begin:.1f} s for {len(data)} bytes")
        if line: wrong.append(line)
        elif found is not None:
            told = [([float(v) for v in a], [float(v) for v in b]) for a, b in numbers_of(data.decode("utf-8-sig"))]
            if sorted(told) != sorted((e.numerator.tolist(), e.denominator.tolist()) for e in found.values()): wrong.append(f"{read.__name__}: other numbers from {data!r}")
    case()
    return wrong

def killed(rounds):
    "Save again and again in a process that is killed: the file is whole, old or new; the next save works, and takes old parts away."
    folder, wrong, chance = Path(FOLDER)/"killed", [], random.Random(0)
    folder.mkdir()
    path, like = folder/"model.hl", {"a": np.zeros(200_000, np.float32)}
    hl.save(path, {"a": np.zeros(200_000, np.float32)})
    for _ in range(rounds):
        child = os.fork()
        if not child:
            try:
                for i in range(1, 10_000): hl.save(path, {"a": np.full(200_000, i, np.float32)})
            finally: os._exit(1)
        time.sleep(chance.uniform(0.002, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found, line = refused("load after kill -9", lambda: np.asarray(hl.load(path, like)["a"]))
        if line or found is None: wrong.append(line or "load: the file is torn after kill -9")
        elif not (found == found[0]).all(): wrong.append("load: numbers of two saves in one file after kill -9")
    parts = [p for p in folder.iterdir() if p != path]
    for p in parts: os.utime(p, (time.time() - 3600,)*2)
    hl.save(path, {"a": np.ones(200_000, np.float32)})
    if left := [p.name for p in folder.iterdir() if p != path]: wrong.append(f"save: parts of killed processes stay: {left}")
    return wrong, len(parts)

def lines(long=False, only=None):
    rounds, examples = (200, 5000) if long else (20, 300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # JAX warns of any fork; the child computes nothing
        wrong, parts = killed(rounds)
    for found in (wrong, saved(2*examples), coefficients(examples, hl.read_rationals_config, config()), coefficients(examples, hl.read_kat_init, kat())): yield from found[:5]
    print(f"{4*examples} damaged files; {rounds} kills in `save`, {parts} of which left a part")
