"""Mutation testing of the losses: change one thing at a time and see a test fail.

Run it with::

    python tools/mutate.py                    # every mutant: hours
    python tools/mutate.py --sample 100       # a random sample
    python tools/mutate.py --only regression  # one module

Mutated are the bodies of functions: operators, comparisons, constants, names of functions with a
counterpart, and conditions. Declarations and texts are not: other tests hold them. Each mutant is
run in a copy of the package; a mutant that no test notices is printed.

Known survivors, which change no result: the conditions of the short cut in ``Loss._prepare`` and
the memory order of rows (speed alone), ``axis=1`` for the last of two axes, and bounds beyond which
the result is infinite or the same either way (``1e3`` in ``poisson_nll``, ``10`` in
``OnePlusSquare.power``, ``1e24`` in ``general_robust``, 1 in ``np.minimum`` of ``log_cosh``), the
short cut ``b == 1`` in ``squared_ratio``, and how often ``steepest`` looks closer.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import mpmath  # noqa: F401
import numpy as np  # noqa: F401
import pytest

#: Seconds after which a mutant counts as killed: it hangs.
TIMEOUT = 200

ROOT = Path(__file__).parents[1]
LOSSES = ROOT / "lossbook" / "losses"
TESTS = {
    "regression": ["test_regression.py"],
    "binary": ["test_binary.py"],
    "multiclass": ["test_multiclass.py"],
    "distributions": ["test_distributions.py"],
    "likelihoods": ["test_distributions.py"],
    "overlap": ["test_distributions.py"],
    "similarity": ["test_distributions.py"],
    "_loss": ["test_loss.py"],
    "_domains": ["test_loss.py", "test_binary.py", "test_multiclass.py", "test_distributions.py"],
    "_numerics": [
        "test_binary.py",
        "test_multiclass.py",
        "test_distributions.py",
        "test_regression.py",
    ],
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.USub: ast.UAdd,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COUNTERPARTS = {
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "sinh": "cosh",
    "log1p": "expm1",
    "expm1": "log1p",
    "any": "all",
    "all": "any",
    "copysign": "multiply",
    "zeros_like": "ones_like",
}


def places(tree):
    """Yield (function, mutation) for each thing in a function body that can be changed."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            nodes = [n for statement in function.body for n in ast.walk(statement)]
        elif isinstance(function, ast.Lambda):
            continue
        else:
            continue
        for node in nodes:
            if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp) and (
                type(node.op) in OPERATORS
            ):
                yield node, "op"
            elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
                yield node, "compare"
            elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
                yield node, "constant"
            elif isinstance(node, ast.Attribute) and node.attr in COUNTERPARTS:
                yield node, "name"
            elif isinstance(node, ast.If | ast.IfExp):
                yield node, "condition"


def change(node, what):
    """Change a node in place."""
    if what == "op":
        node.op = OPERATORS[type(node.op)]()
    elif what == "compare":
        node.ops[0] = OPERATORS[type(node.ops[0])]()
    elif what == "constant":
        node.value = node.value + 1 if node.value == 0 else node.value * 2
    elif what == "name":
        node.attr = COUNTERPARTS[node.attr]
    elif what == "condition":
        node.test = ast.UnaryOp(ast.Not(), node.test)


def mutants(path):
    """Return (line, description, source) for each mutant of a file."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    found, seen = [], set()
    for node, what in places(tree):
        if id(node) in seen:
            continue
        seen.add(id(node))
        before, saved = ast.unparse(node), copy.copy(node.__dict__)
        if isinstance(node, ast.Compare):
            saved["ops"] = list(node.ops)
        change(node, what)
        after, text = ast.unparse(node), ast.unparse(tree)
        node.__dict__.update(saved)
        short = f"{before[:70]}  ->  {after[:70]}".replace("\n", " ")
        found.append((node.lineno, short, text))
    return found


def killed(folder, module, text):
    """Whether a test fails with the mutated module."""
    path = folder / "lossbook" / "losses" / f"{module}.py"
    original = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    files = ["test_every_loss.py", *TESTS[module], "test_loss.py"]
    files.append("test_against_other_libraries.py")
    tests = [str(folder / "tests" / "losses" / name) for name in dict.fromkeys(files)]
    # A fork has the libraries of the tests loaded already; the package it loads itself.
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        signal.alarm(TIMEOUT)
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        code = 1
        try:
            code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])
        finally:
            os._exit(int(code != 0))
    _, status = os.waitpid(child, 0)
    path.write_text(original, encoding="utf-8")
    return status != 0


def main():
    """Run the mutants and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=TESTS)
    options = parser.parse_args()
    todo = [
        (module, *mutant)
        for module in ([options.only] if options.only else TESTS)
        for mutant in mutants(LOSSES / f"{module}.py")
    ]
    total = len(todo)
    if options.sample:
        todo = random.Random(options.seed).sample(todo, min(options.sample, total))
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("lossbook", "tests/losses", "tests/data"):
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy(ROOT / "pyproject.toml", folder)
        text = (LOSSES / "_numerics.py").read_text(encoding="utf-8")
        if killed(folder, "_numerics", text):
            sys.exit("the tests fail without any mutation")
        for count, (module, line, short, text) in enumerate(todo, start=1):
            if not killed(folder, module, text):
                survivors += 1
                print(f"survives: {module}.py:{line}: {short}", flush=True)
            if count % 10 == 0:
                print(f"{count} of {len(todo)}: {count - survivors} killed", flush=True)
    share = 100 * (1 - survivors / len(todo))
    print(f"{len(todo)} of {total} mutants, {share:.1f} % killed")


if __name__ == "__main__":
    main()
