"""Links to where the book lives: its repository, and Binder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config

from lossbook.site.pages import site_address

__all__ = ["ARCHIVE", "connect", "git", "git_pull", "pip", "repository", "substitutions"]

BINDER = "https://mybinder.org"
ARCHIVE = "loss-functions-interactively.tar.gz"  # the source that the site carries (source.py)
HUB = "https://hub.example.org"
UNKNOWN = "https://github.com/OWNER/REPOSITORY"
PROVIDERS = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}


def repository(folder: Path) -> tuple[str, str, str] | None:
    """Return URL, branch and provider of the repository that the book is built from.

    A CI says it in the environment, else git knows a remote ``origin``. None where there is none,
    or one that the theme cannot link to.
    """
    if name := os.environ.get("GITHUB_REPOSITORY"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        is_branch = os.environ.get("GITHUB_REF_TYPE", "branch") == "branch"
        branch = os.environ.get("GITHUB_REF_NAME", "") if is_branch else ""
        return f"{server}/{name}", branch or "main", "github"
    remote = git(folder, "remote", "get-url", "origin")
    # https://host/path.git, ssh://git@host:22/path.git or git@host:path.git
    parts = urlsplit(remote if "://" in remote else f"ssh://{remote.replace(':', '/', 1)}")
    # Where a network lets nothing but HTTPS through, hosts answer ssh at a name of its own.
    host = re.sub(r"^(alt)?ssh\.", "", parts.hostname or "")
    if host not in PROVIDERS:
        return None
    path = parts.path.strip("/").removesuffix(".git")
    branch = git(folder, "branch", "--show-current")
    return f"https://{host}/{path}", branch or "main", PROVIDERS[host]


def git(folder: Path, *command: str) -> str:
    """Return what git says, and nothing where it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *command], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def git_pull(url: str, branch: str, path: str, *, hub: str = HUB) -> str:
    """Return the address at which a JupyterHub with nbgitpuller opens a file of a repository.

    Whoever follows it gets a copy of the repository in the home folder, or a newer one merged into
    what is there, and JupyterLab opens `path` of it.
    """
    name = url.rsplit("/", 1)[1]
    query = {"repo": url, "branch": branch, "urlpath": f"lab/tree/{name}/{path}"}
    return f"{hub}/hub/user-redirect/git-pull?{urlencode(query)}"


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

    The address is that of the site. Without the URL of a repository, the source is what the site
    carries, and where a repository must be named there stands a place for its name.
    """
    unpack = f"tar -xzf {ARCHIVE}\ncd {ARCHIVE.removesuffix('.tar.gz')}"
    get = f"git clone {url}\ncd {url.rsplit('/', 1)[1]}" if url else unpack
    named = url or UNKNOWN
    place = f"git/{quote(named, safe='')}/{quote(branch, safe='')}"
    return {
        "repository_link": f"[its repository]({named})",
        "get_source": f"```bash\n{get}\n```",
        "run_source": f"```bash\n{get}\nmake lab\n```",
        "pip": f"```bash\n{pip(address, url, branch)}\n```",
        "binder_link": f"[Launch it on Binder]({BINDER}/v2/{place}?urlpath=lab/tree/chapters)",
        "git_pull": f"```text\n{git_pull(named, branch, 'chapters')}\n```",
    }


def _link_repository(app: Sphinx, config: Config) -> None:
    found = repository(Path(app.srcdir))
    url, branch, provider = found or (None, "main", "")
    address = site_address(config)
    config.myst_substitutions |= substitutions(url, branch, address)
    config.html_context["notebook_needs"] = pip(address, url, branch)
    if not (url or address):
        app.tags.add("unpublished")
        config.html_context["archive"] = ARCHIVE
    if url is None:
        return
    app.tags.add("repository")  # for the directive `only`
    config.html_theme_options |= {
        "repository_url": url,
        "repository_branch": branch,
        "repository_provider": provider,
        "use_repository_button": True,
        "launch_buttons": {"binderhub_url": BINDER, "notebook_interface": "jupyterlab"},
    }


def connect(app: Sphinx) -> None:
    """Fill the theme's buttons when the configuration is read."""
    app.connect("config-inited", _link_repository)
