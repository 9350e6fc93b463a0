"""Builds the sdist and the wheel into build/dist/, and checks them as a stranger would meet them.

The metadata are what the package index asks for, the sdist holds the notebooks, the wheel holds the library and nothing
else, and in a fresh environment the wheel alone installs and runs, with nothing of this checkout in sight. Named as
arguments, `oldest` installs the lowest versions that settings.ini admits of what the library requires, and `newest` the
newest there are; `any` is what pip takes by itself."""
import configparser, os, re, shutil, subprocess, sys, tarfile, venv, zipfile
from common import ROOT

DIST, ENVS = ROOT/"build/dist", ROOT/"build/envs"

# Values, gradients and a recall: what a first user does, with numbers known beforehand
PROGRAM = """
import importlib.metadata, pathlib, sys
import jax, jax.numpy as jnp, numpy as np, hamux_lit as hl
assert pathlib.Path(hl.__file__).is_relative_to(sys.prefix), hl.__file__
assert hl.__version__ == importlib.metadata.version("hamux_lit")
x = jnp.array([-1., 0., 2.])
np.testing.assert_allclose(jax.grad(hl.LTanh(beta=2.))(x), np.tanh([-2., 0., 4.]), rtol=1e-6)
np.testing.assert_allclose(hl.Rational("tanh")(x), np.tanh([-1., 0., 2.]), atol=5e-3)
memories = jnp.sign(jax.random.normal(jax.random.key(0), (5, 100)))
ham = hl.HAM({"pixels": hl.NeuronLayer("identity", 100)},
             {"stored": hl.DenseMatrixSynapse(memories, hl.LSoftmax(beta=0.2))}, [(["pixels"], "stored")])
end, trace = hl.descend(ham, {"pixels": memories[0].at[50:].set(0.)})
assert (jnp.sign(end["pixels"]) == memories[0]).all() and trace.energies[-1] < trace.energies[0]
model = hl.KAN([2, 1], grid=3, key=jax.random.key(0))
slope = jax.grad(lambda m: m(jnp.ones((4, 2))).sum())(model)
assert all(np.isfinite(a).all() for a in jax.tree.leaves(slope))
print("hamux_lit", hl.__version__, "with jax", jax.__version__, "on Python", sys.version.split()[0])
"""

def run(*cmd, **kwargs): return subprocess.run([str(c) for c in cmd], check=True, **kwargs)

def environment(name):
    "A new virtual environment; returns its Python."
    folder = ENVS/name
    venv.create(folder, clear=True, with_pip=True)
    return folder/"bin/python"

def archives():
    "Builds both, with tools of their own environment, and lets twine look at them."
    shutil.rmtree(DIST, ignore_errors=True)
    python = environment("build")
    run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "build", "twine")
    run(python, "-m", "build", "--outdir", DIST, ROOT, stdout=subprocess.DEVNULL)
    run(python, "-m", "twine", "check", "--strict", *sorted(DIST.iterdir()))
    return next(DIST.glob("*.tar.gz")), next(DIST.glob("*.whl"))

def contents(sdist, wheel):
    "What is wrong with what the archives hold."
    with tarfile.open(sdist) as tar: source = {n.partition("/")[2] for n in tar.getnames()}
    with zipfile.ZipFile(wheel) as z: built = set(z.namelist())
    needed = {p.relative_to(ROOT).as_posix() for p in (ROOT/"nbs").rglob("*.ipynb") if "checkpoint" not in p.name}
    needed |= {p.relative_to(ROOT).as_posix() for p in (ROOT/"tools").glob("*.py")} | {"Makefile", "_quarto.yml", "settings.ini"}
    yield from (f"the sdist lacks {name}" for name in sorted(needed - source))
    library = {p.relative_to(ROOT).as_posix() for p in (ROOT/"hamux_lit").iterdir() if p.is_file()}
    yield from (f"the wheel lacks {name}" for name in sorted(library - built))
    yield from (f"the wheel has {name}" for name in sorted(built - library) if ".dist-info/" not in name)

def oldest():
    "The lowest version that settings.ini admits of each requirement."
    config = configparser.ConfigParser(delimiters=["="])
    config.read(ROOT/"settings.ini", encoding="utf-8")
    return [re.sub(">=", "==", r) for r in config["DEFAULT"]["requirements"].split()]

def try_out(wheel, versions):
    "Installs the wheel by itself and runs the program."
    python = environment(versions)
    more = {"any": [], "newest": ["--upgrade", "--upgrade-strategy", "eager"], "oldest": oldest()}[versions]
    run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", wheel, *more)
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"JAX_PLATFORMS": "cpu"}
    program = ENVS/"first_use.py"
    program.write_text(PROGRAM, encoding="utf-8")
    run(python, program, cwd=ENVS, env=clean)

def main(*versions):
    sdist, wheel = archives()
    wrong = list(contents(sdist, wheel))
    if wrong: sys.exit("\n".join(wrong))
    for name in versions or ["any"]: try_out(wheel, name)
    print(f"{sdist.name} and {wheel.name}: whole, and the wheel runs by itself")

if __name__ == "__main__": main(*sys.argv[1:])
