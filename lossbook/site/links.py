"""Links to where the book lives: its repository, and Binder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

__all__ = ["connect", "repository"]

BINDER = "https://mybinder.org"
PROVIDERS = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}


def repository(folder: Path) -> tuple[str, str, str] | None:
    """Find the repository that the book is built from.

    Parameters
    ----------
    folder : Path
        Where ``git`` is asked for the remote named ``origin``, unless a CI says it in
        ``GITHUB_SERVER_URL``, ``GITHUB_REPOSITORY`` and ``GITHUB_REF_NAME``.

    Returns
    -------
    (url, branch, provider) or None
        None where there is no remote, or one that the theme cannot link to.
    """
    if name := os.environ.get("GITHUB_REPOSITORY"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        is_branch = os.environ.get("GITHUB_REF_TYPE", "branch") == "branch"
        branch = os.environ.get("GITHUB_REF_NAME", "") if is_branch else ""
        return f"{server}/{name}", branch or "main", "github"
    remote = _git(folder, "remote", "get-url", "origin")
    # https://host/path.git, ssh://git@host/path.git or git@host:path.git
    match = re.fullmatch(
        r"(?:(?:https?|ssh)://(?:[^@/]+@)?|[^@/]+@)([^:/]+)[:/](.+?)(?:\.git)?/?", remote
    )
    if not match or match[1] not in PROVIDERS:
        return None
    branch = _git(folder, "branch", "--show-current")
    return f"https://{match[1]}/{match[2]}", branch or "main", PROVIDERS[match[1]]


def _git(folder: Path, *command: str) -> str:
    try:
        done = subprocess.run(
            ["git", *command], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _link_repository(app: Sphinx, config: Config) -> None:
    found = repository(Path(app.srcdir))
    if found is None:
        return
    url, branch, provider = found
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
