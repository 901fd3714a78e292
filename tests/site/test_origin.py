"""Where the book lives, and the source that a site carries."""

import os
import re
import subprocess
import tarfile
from urllib.parse import parse_qs, urlsplit

import pytest

from lossbook.site.origin import (
    ARCHIVE,
    files,
    pack,
    pip,
    repository,
    substitutions,
)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "GIT_")):
            monkeypatch.delenv(name)

    def make(remote=None, branch="main"):
        subprocess.run(["git", "init", "-q", "-b", branch, tmp_path], check=True)
        if remote:
            subprocess.run(["git", "remote", "add", "origin", remote], cwd=tmp_path, check=True)
        return tmp_path

    return make


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/someone/book.git",
        "https://github.com/someone/book",
        "https://github.com/someone/book/",
        "https://user:secret@github.com/someone/book.git",
        "git@github.com:someone/book.git",
        "ssh://git@github.com/someone/book.git",
        "ssh://git@github.com:22/someone/book.git",
        "ssh://git@ssh.github.com:443/someone/book.git/",
        "https://github.com:443/someone/book.git",
        "git+ssh://git@github.com/someone/book",
        "git://github.com/someone/book.git",
    ],
)
def test_remote_becomes_a_link_without_credentials(checkout, remote):
    found = repository(checkout(remote))
    assert found == ("https://github.com/someone/book", "main", "github")


def test_branch_and_provider_follow_the_checkout(checkout):
    found = repository(checkout("git@gitlab.com:a/b/book.git", branch="draft"))
    assert found == ("https://gitlab.com/a/b/book", "draft", "gitlab")


@pytest.mark.parametrize("remote", [None, "/srv/book.git", "../book", "https://example.org/b.git"])
def test_without_a_public_remote_there_is_no_link(checkout, remote):
    assert repository(checkout(remote)) is None


def test_folder_without_git_has_no_link(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert repository(tmp_path) is None


def test_continuous_integration_says_where_the_book_lives(checkout, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/book")
    monkeypatch.setenv("GITHUB_REF_NAME", "stable")
    folder = checkout("git@github.com:other/fork.git")
    assert repository(folder) == ("https://github.com/someone/book", "stable", "github")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example.org/")
    assert repository(folder)[0] == "https://git.example.org/someone/book"


def test_link_for_a_hub_names_repository_branch_and_folder():
    link = substitutions("https://github.com/ada/the-book", "draft")["git_pull"].split("\n")[1]
    assert urlsplit(link).path == "/hub/user-redirect/git-pull"
    assert parse_qs(urlsplit(link).query) == {
        "repo": ["https://github.com/ada/the-book"],
        "branch": ["draft"],
        "urlpath": ["lab/tree/the-book/chapters"],
    }


def test_pages_name_the_repository_that_they_are_built_from():
    known = substitutions("https://github.com/ada/the-book", "main")
    get = "git clone https://github.com/ada/the-book\ncd the-book\n"
    assert known["get_source"] == f"```bash\n{get}```"
    assert known["run_source"] == f"```bash\n{get}make lab\n```"
    assert "ada%2Fthe-book" in known["git_pull"]
    assert (
        "(https://mybinder.org/v2/git/https%3A%2F%2Fgithub.com%2Fada%2Fthe-book/main?"
        in (known["binder_link"])
    )


def test_pages_without_a_repository_unpack_what_the_site_carries():
    known = substitutions(None, "main")
    folder = ARCHIVE.removesuffix(".tar.gz")
    assert known["get_source"] == f"```bash\ntar -xzf {ARCHIVE}\ncd {folder}\n```"
    assert f"./{ARCHIVE}[figures]" in known["pip"]


@pytest.mark.parametrize(
    ("address", "url", "installed"),
    [
        (
            "https://ada.org/b/",
            "https://github.com/ada/b",
            f"lossbook[figures] @ https://ada.org/b/{ARCHIVE}",
        ),
        ("", "https://github.com/ada/b", "lossbook[figures] @ git+https://github.com/ada/b@draft"),
        ("", None, f"./{ARCHIVE}[figures]"),
    ],
    ids=["site", "repository", "neither"],
)
def test_command_installs_what_a_notebook_needs(address, url, installed):
    assert pip(address, url, "draft").endswith(f'\npip install "{installed}"')


# The source

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
