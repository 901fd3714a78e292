"""What every page loads."""

import gzip
from pathlib import Path

from lossbook.site import bundle


def test_answers_and_what_remembers_them_are_light():
    assets = Path(bundle.__file__).parent / "assets"
    scripts = b"".join((assets / name).read_bytes() for name in ("answers.js", "memory.js"))
    assert len(gzip.compress(scripts, 9)) <= 6_000
