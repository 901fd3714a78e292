"""The source that a site carries."""

import os
import re
import subprocess
import tarfile

import pytest

from lossbook.site.links import ARCHIVE
from lossbook.site.source import files, pack

RULES = "# made\n/build/\n__pycache__/\n*.egg-info/\n/local.txt\n"
KEPT = {
    ".gitignore": RULES,
    "Makefile": "all:\n",
    "run": "#!/bin/sh\n",
    "chapters/build/one.md": "one\n",
    "chapters/local.txt": "here it is no rule\n",
    ".ci/run": "make\n",
}
MADE = (
    "build/a",
    "x/__pycache__/a.pyc",
    "some.egg-info/PKG",
    "local.txt",
    "_build/html/index.html",
)


@pytest.fixture
def book(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "book"
    for name, text in {**KEPT, **dict.fromkeys(MADE, "made")}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "run").chmod(0o755)
    return folder


def test_what_is_made_or_ignored_is_no_source(book):
    assert files(book) == sorted(KEPT)


def test_with_and_without_git_the_archive_is_the_same_bytes(book, tmp_path):
    one, other = tmp_path / "one" / ARCHIVE, tmp_path / "other" / ARCHIVE
    for path in (one, other):
        path.parent.mkdir()
    pack(book, one)
    (book / ".gitignore").write_text(RULES + "/_build/\n")
    subprocess.run(["git", "init", "-q", book], check=True)
    subprocess.run(["git", "add", "."], cwd=book, check=True)
    (book / "notes.txt").write_text("not added")
    (book / ".gitignore").write_text(RULES)
    os.utime(book / "Makefile", (0, 0))
    pack(book, other)
    assert one.read_bytes() == other.read_bytes()


def test_archive_unpacks_into_one_folder_and_keeps_what_can_be_run(book, tmp_path):
    pack(book, tmp_path / ARCHIVE)
    with tarfile.open(tmp_path / ARCHIVE) as archive:
        modes = {entry.name: entry.mode for entry in archive.getmembers()}
    top = ARCHIVE.removesuffix(".tar.gz")
    assert set(modes) == {f"{top}/{name}" for name in KEPT}
    assert modes[f"{top}/run"] == 0o755
    assert modes[f"{top}/Makefile"] == 0o644
    subprocess.run(["tar", "-xzf", tmp_path / ARCHIVE, "-C", tmp_path], check=True)
    unpacked = tmp_path / top
    assert {name: (unpacked / name).read_text() for name in KEPT} == KEPT
    assert files(unpacked) == sorted(KEPT)


def test_the_book_of_this_folder_is_whole(root):
    names = set(files(root))
    assert {"Makefile", "index.md", "lossbook/py.typed", ".ci/run", "requirements.txt"} <= names
    assert not [name for name in names if re.match(r"(_build|\.venv|\.git)/|.*__pycache__", name)]


def test_pages_speak_of_the_source_with_a_link(root):
    """Where a site knows no repository, it has no rocket either."""
    only = re.compile(r"^(:{3,}|`{3,})\{only\} repository\n.*?^\1", re.MULTILINE | re.DOTALL)
    found = 0
    pages = [
        root / name
        for name in files(root)
        if re.match(r"(index|essence|(use|reference)/.*)\.md", name)
    ]
    for path in pages:
        text = only.sub("", path.read_text("utf-8"))
        for words in re.finditer(r"\S*(?:the|this) book's source\b", text):
            assert "{source}`" in words[0], f"{path.name}: {words[0]}"
            found += 1
        assert "rocket" not in text, path.name
    assert found >= 5
