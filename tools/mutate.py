"""Mutation testing of the losses: change one thing at a time and see a test fail.

Run it with::

    python tools/mutate.py                    # every mutant: hours
    python tools/mutate.py --sample 100       # a random sample
    python tools/mutate.py --only regression  # one module

Mutated are the bodies of functions: operators, comparisons, constants, names of functions with a
counterpart, and conditions. Declarations and texts are not: other tests hold them. Each mutant is
run in a copy of the package; a mutant that no test notices is printed.

Mutants that no test can tell, because they change no result, are listed in ``EQUIVALENT`` with the
reason; they are not run and do not count. A listed one that no longer exists is an error.
"""

from __future__ import annotations

import argparse
import ast
import copy
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import mpmath  # noqa: F401
import numpy as np  # noqa: F401
import pytest

#: A mutant that takes so many times what all tests take hangs, and counts as killed.
PATIENCE = 5

ROOT = Path(__file__).parents[1]
LOSSES = ROOT / "lossbook" / "losses"
MODULES = (
    "regression",
    "binary",
    "multiclass",
    "distributions",
    "likelihoods",
    "overlap",
    "similarity",
    "_loss",
    "domains",
    "numerics",
)
_NARROWER = "how often and how closely `steepest` looks: the peak is found either way"
_MASKED = "stands where np.where takes the other branch"
_PIECES = "smaller pieces of a product add up to the same"
_TWO_AXES = "rows have two axes: the last is also number 1"
#: (module, line, before, after): why no result changes.
EQUIVALENT: dict[tuple[str, str, str, str], str] = {
    ("numerics", "low, high = -45.0, 45.0", "45.0", "90.0"): _NARROWER,
    ("numerics", "for _ in range(6):", "6", "12"): _NARROWER,
    (
        "numerics",
        "low, high = z[max(at - 1, 0)], z[min(at + 1, 1000)]",
        "1000",
        "2000",
    ): "no slope is steepest at the end of the range",
    ("numerics", "low, high = z[max(at - 1, 0)], z[min(at + 1, 1000)]", "1", "2"): _NARROWER,
    (
        "regression",
        "small = b / 2 * w.log() * expm1_ratio(np.minimum(u, 1))",
        "1",
        "2",
    ): _MASKED,
    ("overlap", "safe = np.where(empty, 1, bottom)", "1", "2"): "top is 0 there",
    (
        "numerics",
        "return x * -np.log(np.where(x == 0, 1, p))",
        "1",
        "2",
    ): "where x is 0 its product with any logarithm is 0",
    (
        "numerics",
        "if x.dtype == np.float32 and x.size >= 10_000 and x.size % 8 == 0:",
        "10000",
        "20000",
    ): "from where on it is worth it; the sum is as good either way",
    (
        "binary",
        "value=lambda: gap * gap, gradient=lambda: np.where(gap > 0, -2 * y_true * gap, 0)",
        "-2 * y_true",
        "-2 / y_true",
    ): "y_true is -1 or 1",
    (
        "multiclass",
        "y = (1 - label_smoothing) * one_hot_rows(y_true, logits)"
        " + label_smoothing / logits.shape[-1]",
        "-1",
        "+1",
    ): _TWO_AXES,
    (
        "numerics",
        "safe = np.where(x == 0, 1, x)",
        "1",
        "2",
    ): _MASKED,
    (
        "_loss",
        "if domain.row:",
        "if domain.row:\n    x = np.asfortranarray(x)",
        "if not domain.row:\n    x = np.asfortranarray(x)",
    ): "the order in memory changes the speed alone",
    (
        "numerics",
        "p, e = two_product(np.minimum(q, 1e290), d)",
        "1e+290",
        "2e+290",
    ): _MASKED,
    (
        "numerics",
        "total = np.full_like(x, coefficients[-1])",
        "1",
        "2",
    ): "the highest terms are below rounding",
    (
        "multiclass",
        "if len(class_weight) != logits.shape[-1]:",
        "-1",
        "+1",
    ): _TWO_AXES,
    (
        "numerics",
        "step = max(1, max(n, k) * limit // work)",
        "max(n, k) * limit",
        "max(n, k) / limit",
    ): _PIECES,
    (
        "numerics",
        "limit = _GEMM if min(*a.shape, *b.shape[1:2]) > 1 and b.ndim == 2 else _GEMV",
        "2",
        "4",
    ): _PIECES,
    (
        "numerics",
        "t = np.clip(d / c, -1e300, 1e300)",
        "1e+300",
        "2e+300",
    ): "keeps infinities out alone",
    (
        "numerics",
        "high, low = two_product(np.minimum(a, 40), np.minimum(a, 40))",
        "40",
        "80",
    ): "beyond 40 the density is 0 either way",
    (
        "numerics",
        "if np.max(excess, initial=0) > 1:",
        "0",
        "1",
    ): "compared with more than 1",
    (
        "binary",
        "if label_smoothing == 0 and np.all(pos_weight == 1):",
        "0",
        "1",
    ): "the short way and the long one give the same",
    (
        "numerics",
        "return np.copysign(np.where(q < 1e290, np.log1p(q) + rest / (1 + q), far), x - y)",
        "1e+290",
        "2e+290",
    ): "between the two either branch is right",
    (
        "numerics",
        "for coefficient in coefficients[-2::-1]:",
        "2",
        "4",
    ): "the highest terms are below rounding",
    (
        "numerics",
        "return x * (1 + factor * np.clip(low, -1, 1)) * half * half",
        "1",
        "2",
    ): "where low is that large, half is 0",
    (
        "numerics",
        "if self._excess is None and self._largest ** abs(exponent / 300) < 10:",
        "10",
        "20",
    ): "the long way gives the same where the short one does not overflow",
    ("numerics", "return float(size.max())", "size.max", "size.min"): _NARROWER,
    (
        "multiclass",
        'f"class_weight must have one number per class, {logits.shape[-1]}: "',
        "-1",
        "+1",
    ): _TWO_AXES,
    (
        "numerics",
        "close = weigh(np.where(near, shift, 0)) * expm1_ratio(np.where(near, shift / t, 0))",
        "0",
        "1",
    ): _MASKED,
    (
        "domains",
        "return max(self.low, 0) + rng.lognormal(0, 1, shape)",
        "0",
        "1",
    ): "other members of the same domain",
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
    """Yield (function, node, mutation) for each thing in a function body that can be changed."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        nodes = [n for statement in function.body for n in ast.walk(statement)]
        # Rows have two axes: the last, -1, is also 1.
        last = {id(n.value) for n in nodes if isinstance(n, ast.keyword) and n.arg == "axis"}
        for node in nodes:
            if id(node) in last:
                continue
            if isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp) and (
                type(node.op) in OPERATORS
            ):
                yield function.name, node, "op"
            elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
                yield function.name, node, "compare"
            elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
                yield function.name, node, "constant"
            elif isinstance(node, ast.Attribute) and node.attr in COUNTERPARTS:
                yield function.name, node, "name"
            elif isinstance(node, ast.If | ast.IfExp):
                yield function.name, node, "condition"


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
    """Return (function, line number, line, before, after, source) for each mutant of a file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    found, seen = [], set()
    for function, node, what in places(tree):
        if id(node) in seen:
            continue
        seen.add(id(node))
        before, saved = ast.unparse(node), copy.copy(node.__dict__)
        if isinstance(node, ast.Compare):
            saved["ops"] = list(node.ops)
        change(node, what)
        after, text = ast.unparse(node), ast.unparse(tree)
        node.__dict__.update(saved)
        found.append(
            (
                function,
                node.lineno,
                lines[node.lineno - 1].partition("  #")[0].strip(),
                before,
                after,
                text,
            )
        )
    return found


def killed(folder, module, function, text, seconds=0):
    """Whether a test fails with the mutated module; tests that name the function go first.

    After so many seconds, if any are given, the tests are stopped.
    """
    path = folder / "lossbook" / "losses" / f"{module}.py"
    original = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    tests = str(folder / "tests" / "losses")
    # A fork has the libraries of the tests loaded already; the package it loads itself.
    child = os.fork()
    if child == 0:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        signal.alarm(seconds)
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        code = 1
        try:
            options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
            code = pytest.main([*options, "-k", function, tests])
            if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                code = pytest.main([*options, "-k", f"not {function}", tests])
        finally:
            os._exit(int(code != 0))
    _, status = os.waitpid(child, 0)
    path.write_text(original, encoding="utf-8")
    if os.WIFSIGNALED(status):
        print(f"stopped: {module}.{function}", flush=True)
    return status != 0


def main():
    """Run the mutants and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=MODULES)
    options = parser.parse_args()
    found = [
        (module, *mutant)
        for module in ([options.only] if options.only else MODULES)
        for mutant in mutants(LOSSES / f"{module}.py")
    ]
    known = {(module, *mutant[2:5]) for module, *mutant in found}
    if missing := [m for m in EQUIVALENT if m not in known and options.only in (None, m[0])]:
        sys.exit(f"no such mutant any more: {missing}")
    todo = [m for m in found if (m[0], *m[3:6]) not in EQUIVALENT]
    total = len(todo)
    if options.sample:
        todo = random.Random(options.seed).sample(todo, min(options.sample, total))
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("lossbook", "tests/losses", "tests/data"):
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy(ROOT / "pyproject.toml", folder)
        text = (LOSSES / "numerics.py").read_text(encoding="utf-8")
        start = time.monotonic()
        if killed(folder, "numerics", "sigmoids", text):
            sys.exit("the tests fail without any mutation")
        seconds = math.ceil(PATIENCE * (time.monotonic() - start))
        for count, (module, function, number, _, before, after, text) in enumerate(todo, start=1):
            if not killed(folder, module, function, text, seconds):
                survivors += 1
                print(f"survives: {module}.py:{number}: {before}  ->  {after}", flush=True)
            if count % 10 == 0:
                print(f"{count} of {len(todo)}: {count - survivors} killed", flush=True)
    share = 100 * (1 - survivors / len(todo))
    print(
        f"{len(todo)} of {total} mutants, {share:.1f} % killed; {len(EQUIVALENT)} change no result"
    )


if __name__ == "__main__":
    main()
