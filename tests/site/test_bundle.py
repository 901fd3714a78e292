"""What every page loads."""

import gzip
from pathlib import Path

from lossbook.site import bundle


def test_script_that_nobody_has_decided_about_is_found():
    names = ["copybutton.js", "new.js", "design-tabs.js", None, "https://example.org/require.js"]
    assert bundle.unknown(names) == ["new.js"]


def test_answers_and_what_remembers_them_are_light():
    assets = Path(bundle.__file__).parent / "assets"
    scripts = b"".join((assets / name).read_bytes() for name in ("answers.js", "memory.js"))
    assert len(gzip.compress(scripts, 9)) <= 6_000
