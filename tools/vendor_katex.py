"""Bring KaTeX into ``lossbook/site/katex``: the script that typesets, its styles and fonts.

    python tools/vendor_katex.py

Asks npm for one exact package, checks its hash, and writes down those of the files that it brings
(``sha256sum --check SHA256SUMS``). To update, change VERSION and INTEGRITY (``npm view
katex@VERSION dist.integrity``) and run it again. Only WOFF fonts are kept: every browser reads
them, and the build cuts them down (lossbook/site/fonts.py).
"""

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "0.19.1"
INTEGRITY = "sha512-jG8uKntjSEcm2EpQOh0XturpPuuC9r3Sq5HLHdsFdWZT27E672SF19QEi+of0/YeOy15lDgRhKvr5614uRrEfA=="  # noqa: E501
TARGET = Path(__file__).parent.parent / "lossbook" / "site" / "katex"
SUMS = "SHA256SUMS"


def sums() -> str:
    """Return the hashes of the files that are there, as ``sha256sum`` reads them."""
    paths = sorted(path for path in TARGET.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(TARGET).as_posix()}\n"
        for path in paths
    )


def main() -> None:
    """Fetch, check and unpack."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", f"katex@{VERSION}"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        archive = Path(folder, f"katex-{VERSION}.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != INTEGRITY:
            sys.exit(f"katex {VERSION}: expected {INTEGRITY}, got sha512-{digest}")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        package = Path(folder, "package")
        shutil.rmtree(TARGET, ignore_errors=True)
        site = TARGET / "static" / "katex"  # what the site ships; the script stays at home
        (site / "fonts").mkdir(parents=True)
        for font in sorted((package / "dist" / "fonts").glob("*.woff")):
            shutil.copy(font, site / "fonts")
        shutil.copy(package / "LICENSE", TARGET)
        shutil.copy(package / "LICENSE", site)
        shutil.copy(package / "dist" / "katex.min.js", TARGET)
        css = (package / "dist" / "katex.min.css").read_text()
        css = re.sub(r'url\([^)]*\.woff2\) format\("woff2"\),', "", css)
        css = re.sub(r',url\([^)]*\.ttf\) format\("truetype"\)', "", css)
        (site / "katex.min.css").write_text(css)
        (TARGET / SUMS).write_text(sums())
    print(f"katex {VERSION} in {TARGET}")


if __name__ == "__main__":
    main()
