"""Who may use what: private names, ours and those of other packages."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "lossbook").rglob("*.py"), *(ROOT / "tools").glob("*.py")])


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def imported(path):
    """Yield the module and each name of it that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_private_modules_and_names_are_imported_within_their_package_alone(path):
    package = path.relative_to(ROOT).parent.parts
    for module, name in imported(path):
        *parents, last = (*module.split("."), *([name] if name else []))
        for place, part in enumerate(parents):
            assert not is_private(part) or package[:place] == tuple(parents[:place]), module
        assert not is_private(last) or (ROOT.joinpath(*parents, f"{last}.py")).exists(), name


#: The version of each package in which its private names below were last looked at. After an update
#: of the lock look again: whether each still means the same, and whether there is a public one.
LOOKED_AT = {
    "ipywidgets": "8.1.9",
    "sphinx": "7.4.7",
    "sphinx-exercise": "1.2.1",
}
#: What lossbook uses though it is not documented: the package, and the one function that uses it.
PRIVATE = {
    "_raw_config": ("sphinx", "explore/sphinx.py", "_is_given"),
    "_warncount": ("sphinx", "site/building.py", "_end"),
    "_index_entries": ("sphinx", "site/links.py", "_complete"),
    "_options_full": ("ipywidgets", "explore/parameters.py", "_labelled"),
    "is_exercise_node": ("sphinx-exercise", "site/chapters.py", "run"),
}


def functions_that_use(name, path):
    return {
        function.name
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if name in (getattr(node, "attr", None), getattr(node, "id", None))
        or (isinstance(node, ast.Constant) and node.value == name)
    }


@pytest.mark.parametrize("name", PRIVATE)
def test_what_others_do_not_document_is_used_by_one_function(name):
    _, file, function = PRIVATE[name]
    assert function in functions_that_use(name, ROOT / "lossbook" / file)


@pytest.mark.parametrize("package", LOOKED_AT)
def test_private_names_were_looked_at_in_the_pinned_version(package):
    pin = re.search(rf"^{package}==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pin[1] == LOOKED_AT[package], (
        f"look at what PRIVATE names of {package}, then say so here"
    )
    assert package in {each for each, *_ in PRIVATE.values()}


def test_no_other_private_name_of_others_is_used():
    ours, used = {"_asdict", "_replace"}, {}
    for path in (ROOT / "lossbook").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                ours.add(node.name)
            elif isinstance(node, ast.Name):
                ours.add(node.id)
            elif isinstance(node, ast.Attribute) and is_private(node.attr):
                is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                if is_own:
                    ours.add(node.attr)
                else:
                    used[node.attr] = path.relative_to(ROOT / "lossbook").as_posix()
    theirs = {name: file for name, file in used.items() if name not in ours}
    assert theirs == {n: file for n, (_, file, _) in PRIVATE.items() if is_private(n)}
