"""Where the book comes from: its repository, Binder, and the source that the site itself carries.

The source is one file: what ``git archive`` would give of what the site is built from. It has the
files that git knows, or, where git knows nothing of the folder, all that ``.gitignore`` does not
name. The same files make the same archive, byte for byte. The role ``source`` links to it.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxRole
from sphinx.util.matching import get_matching_files

from lossbook.site import WRITTEN
from lossbook.site.pages import site_address

__all__ = ["ARCHIVE", "connect", "files", "pack", "pip", "repository", "substitutions"]

BINDER = "https://mybinder.org"
ARCHIVE = "loss-functions-interactively.tar.gz"
HUB = "https://hub.example.org"
UNKNOWN = "https://github.com/OWNER/REPOSITORY"
# https://host/path.git, ssh://git@host:22/path.git or git@host:path.git; where a network lets
# nothing but HTTPS through, hosts answer ssh at a name of its own, such as ssh.github.com.
_REMOTE = re.compile(
    r"(?:[/@.]|^)(github\.com|gitlab\.com|bitbucket\.org)(?::\d+)?[/:](.+?)(?:\.git)?/?$"
)


def git(folder: Path, *command: str) -> str:
    """Return what git says, and nothing where it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *command], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


# The repository


def repository(folder: Path) -> tuple[str, str, str] | None:
    """Return URL, branch and provider of the repository that the book is built from.

    A CI says it in the environment, else git knows a remote ``origin``. None where there is none,
    or one that the theme cannot link to.
    """
    if name := os.environ.get("GITHUB_REPOSITORY"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        return f"{server}/{name}", os.environ.get("GITHUB_REF_NAME") or "main", "github"
    if not (found := _REMOTE.search(git(folder, "remote", "get-url", "origin"))):
        return None
    host, path = found.groups()
    branch = git(folder, "branch", "--show-current")
    return f"https://{host}/{path}", branch or "main", host.partition(".")[0]


def pip(address: str, url: str | None, branch: str) -> str:
    """Return the commands that install what a downloaded notebook needs.

    The package is that of the source that the site carries, so that the notebook fits: from the
    site's address where that is known, else from its repository, else from the archive in the same
    folder.
    """
    source = f"./{ARCHIVE}[figures]"
    if address or url:
        at = f"{address}{ARCHIVE}" if address else f"git+{url}@{branch}"
        source = f"lossbook[figures] @ {at}"
    return f'pip install jupyterlab jupyterlab-myst\npip install "{source}"'


def substitutions(url: str | None, branch: str, address: str = "") -> dict[str, str]:
    """Return what a page writes as ``{{ name }}`` and what depends on where the book lives.

    Without the URL of a repository, the source is what the site carries, and where a repository
    must be named there stands a place for its name.
    """
    unpack = f"tar -xzf {ARCHIVE}\ncd {ARCHIVE.removesuffix('.tar.gz')}"
    named = url or UNKNOWN
    name = named.rpartition("/")[2]
    get = f"git clone {url}\ncd {name}" if url else unpack
    pull = urlencode({"repo": named, "branch": branch, "urlpath": f"lab/tree/{name}/chapters"})
    place = f"git/{quote(named, safe='')}/{quote(branch, safe='')}"
    return {
        "repository_link": f"[its repository]({named})",
        "get_source": f"```bash\n{get}\n```",
        "run_source": f"```bash\n{get}\nmake lab\n```",
        "pip": f"```bash\n{pip(address, url, branch)}\n```",
        "binder_link": f"[Launch it on Binder]({BINDER}/v2/{place}?urlpath=lab/tree/chapters)",
        "git_pull": f"```text\n{HUB}/hub/user-redirect/git-pull?{pull}\n```",
    }


def _link_repository(app: Sphinx, config: Config) -> None:
    url, branch, provider = repository(Path(app.srcdir)) or (None, "main", "")
    address = site_address(config)
    config.myst_substitutions |= substitutions(url, branch, address)
    config.html_context["notebook_needs"] = pip(address, url, branch)
    if not (url or address):
        app.tags.add("unpublished")
        config.html_context["archive"] = ARCHIVE
    if url:
        app.tags.add("repository")  # for the directive `only`
        config.html_theme_options |= {
            "repository_url": url,
            "repository_branch": branch,
            "repository_provider": provider,
            "use_repository_button": True,
            "launch_buttons": {"binderhub_url": BINDER, "notebook_interface": "jupyterlab"},
        }


# The source


def files(folder: Path) -> list[str]:
    """Return the names of the source files below a folder, in order.

    Where git knows files of the folder these are they, as they are now; a new file belongs to them
    once it is added.
    """
    known = git(folder, "ls-files", "-z").split("\0")
    names = [name for name in known if name and (folder / name).is_file()]
    return sorted(names or _not_ignored(folder))


def _not_ignored(folder: Path) -> Iterable[str]:
    rules = folder / ".gitignore"
    lines = rules.read_text("utf-8").splitlines() if rules.is_file() else []
    lines = [line for line in lines if line and not line.startswith("#")]
    # Names and patterns of names, those with a slash before them for the folder itself: the kinds
    # that the book's file has.
    own = [line.strip("/") for line in lines]
    anywhere = [f"**/{line.strip('/')}" for line in lines if not line.startswith("/")]
    return get_matching_files(folder, exclude_patterns=[".git", "_build", *own, *anywhere])


def pack(folder: Path, target: Path) -> None:
    """Write the source files below a folder into a ``.tar.gz``, in a folder of its name."""
    top = target.name.removesuffix(".tar.gz")

    def of_no_machine(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        """Keep of times, owners and permissions no more than whether a file can be run."""
        entry.mtime, entry.mode = 315_532_800, 0o755 if entry.mode & 0o100 else 0o644  # 1980
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    with (
        gzip.GzipFile(target, "wb", compresslevel=9, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name in files(folder):
            archive.add(folder / name, f"{top}/{name}", filter=of_no_machine)


class Source(SphinxRole):
    """A link to the archive, from any page."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        root = "../" * self.env.docname.count("/")
        return [nodes.reference("", self.text, refuri=f"{root}{ARCHIVE}", internal=True)], []


def connect(app: Sphinx) -> None:
    """Fill the theme's buttons, make the role known, and put the archive beside the pages."""
    app.connect("config-inited", _link_repository)
    app.add_role("source", Source())
    app.connect(WRITTEN, lambda app: pack(Path(app.srcdir), Path(app.outdir, ARCHIVE)))
