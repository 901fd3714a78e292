"""The built site in Firefox and WebKit.

`make test-browsers` runs these. `make test` does not, since few machines have both engines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import browsing
import pytest
import webdriver
from webdriver import Browser

# By name: as a pattern, a folder with brackets in its name would match nothing.
HERE = Path(__file__).parent
collect_ignore = (
    [] if os.environ.get("LOSSBOOK_ENGINES") else [p.name for p in HERE.glob("test_*.py")]
)


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
