"""Building and back-propagating 20,000 scalar operations, beside karpathy's micrograd (PyPI `micrograd`), in one process.

`pip install micrograd` first. Wide: 1,000 neurons of ten inputs and a relu each, in a tree of sums. Deep: one chain of
products and sums. micrograd walks the graph by recursion, so the recursion limit is raised and the benchmark runs in a
thread with a large stack; without that it stops at a depth of about 1,000."""
import statistics, sys, threading, time
import common
from hamux_lit.micrograd import Value as Ours

Theirs = getattr(common.peer("micrograd.engine"), "Value", None)

ROUNDS, OPERATIONS = 15, 20_000

def wide(Value):
    "1,000 sums of ten products, each through a relu, added up in pairs: 21,999 operations."
    xs, outs = [Value(0.1*i - 0.4) for i in range(10)], []
    for n in range(OPERATIONS//20):
        total = Value(0.01)
        for x in xs: total = total + x*(0.001*n + 0.1)
        outs.append(total.relu())
    while len(outs) > 1: outs = [a + b for a, b in zip(outs[::2], outs[1::2])] + outs[len(outs) - len(outs) % 2:]
    return xs[-1], outs[0]

def deep(Value):
    "A chain of 10,000 products and as many sums, one after another: 20,000 operations."
    x = y = Value(0.5)
    for _ in range(OPERATIONS//2): y = y*x + x
    return x, y

def milliseconds(graph, Value):
    "The time to build a graph and to go back through it once, and the gradient of its input."
    start = time.perf_counter()
    x, root = graph(Value)
    root.backward()
    return 1e3*(time.perf_counter() - start), x.grad

def main():
    "Rounds in turn, so that both meet the same machine."
    rows = []
    for graph in (wide, deep):
        times = {Value: [] for Value in (Theirs, Ours) if Value}
        for k in range(ROUNDS + 1):
            grads = []
            for Value, kept in times.items():
                ms, grad = milliseconds(graph, Value)
                grads.append(grad)
                if k: kept.append(ms)    # the first round warms up
            assert abs(grads[0] - grads[-1]) <= 1e-9*abs(grads[0]), grads
        rows.append(dict(what=graph.__name__, ms=statistics.median(times[Ours])))
        line = f"{graph.__name__}: hamux_lit {rows[-1]['ms']:.1f} ms"
        if Theirs:
            rows[-1] |= dict(micrograd_ms=statistics.median(times[Theirs]), ratio=statistics.median(a/b for a, b in zip(times[Theirs], times[Ours])))
            line += f", micrograd {rows[-1]['micrograd_ms']:.1f} ms, ratio {rows[-1]['ratio']:.1f}"
        print(line, flush=True)
    common.save(__file__, rows)

if __name__ == "__main__":
    sys.setrecursionlimit(10**6)
    threading.stack_size(512 << 20)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
