"""The versions that a page says it was built with."""

import platform
from types import SimpleNamespace

import numpy
import pytest
from docutils.parsers.rst import DirectiveError

from lossbook.site.facts import Versions


def versions(*lines):
    """Return the text that the directive would parse, and whether its page is read anew."""
    directive = Versions.__new__(Versions)
    reread = []
    env = SimpleNamespace(note_reread=lambda: reread.append(True))
    settings = SimpleNamespace(env=env)
    directive.state = SimpleNamespace(document=SimpleNamespace(settings=settings))
    directive.content = list(lines)
    directive.parse_text_to_nodes = lambda text: text
    directive.error = lambda text: DirectiveError(3, text)
    return directive.run(), bool(reread)


def test_versions_are_those_that_run():
    text, reread = versions("numpy: arrays: all of them")
    assert text.splitlines()[2:] == [
        f"| Python | {platform.python_version()} | runs the chapters |",
        f"| numpy | {numpy.__version__} | arrays: all of them |",
    ]
    assert reread


def test_package_that_is_not_there_is_an_error_with_its_name():
    with pytest.raises(DirectiveError) as raised:
        versions("no-such-package: nothing")
    assert "'no-such-package' is not installed" in raised.value.msg
