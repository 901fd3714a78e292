"""The built site in Firefox and WebKit.

`make test-browsers` runs these. `make test` does not, since few machines have both engines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import browsing
import pytest
import webdriver
from webdriver import Browser

collect_ignore_glob = [] if os.environ.get("LOSSBOOK_ENGINES") else ["test_*.py"]


@pytest.fixture(scope="session")
def site() -> str:
    """The site as a folder on a disk."""
    return browsing.build().as_uri()


@pytest.fixture(scope="session")
def served(site: str) -> Iterator[str]:
    with browsing.serve(browsing.SITE) as address:
        yield address


@pytest.fixture(scope="session", params=os.environ.get("LOSSBOOK_ENGINES", "").split())
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    webdriver.install(request.param)
    with webdriver.open_browser(request.param) as opened:
        yield opened
