"""Links to where the book lives."""

import os
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from lossbook.site.links import ARCHIVE, git_pull, pip, repository, substitutions


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
    monkeypatch.setenv("GITHUB_REF_TYPE", "tag")
    assert repository(folder)[1] == "main"
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example.org/")
    assert repository(folder)[0] == "https://git.example.org/someone/book"


def test_link_for_a_hub_names_repository_branch_and_folder():
    link = git_pull("https://github.com/ada/the-book", "draft", "chapters", hub="https://h.org")
    parts = urlsplit(link)
    assert (
        f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://h.org/hub/user-redirect/git-pull"
    )
    assert parse_qs(parts.query) == {
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
