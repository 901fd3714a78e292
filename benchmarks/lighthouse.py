"""Lighthouse's scores of the built site, for phones.

    python benchmarks/lighthouse.py                   every page
    python benchmarks/lighthouse.py index search      some pages

Needs Node; npx brings Lighthouse itself, once. The site is served on loopback, compressed, as a
server on the web does it. Lighthouse computes the time on a slow phone from what it observes here,
so close other programs: a busy machine lowers the performance, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browsing  # noqa: E402
import compressed_server  # noqa: E402
import find_chromium  # noqa: E402

LIGHTHOUSE = "lighthouse@12.8.2"
BARS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
# Without the browser's own pages, which would share the processor, and its thrift with frames.
FEATURES = next(flag for flag in browsing.CHROMIUM if flag.startswith("--disable-features"))
FLAGS = f"--headless=new --no-sandbox {FEATURES}"
# The one without windows fills in no forms, and so does not look for fields while a page loads.
AS_READERS_HAVE_IT = tuple(name for name in find_chromium.NAMES if name != find_chromium.LEAN)
NOT_FOR_SEARCH = {
    "404",
    "search",
}  # these ask not to be found, which Lighthouse counts against them


def scores_of(url: str) -> tuple[dict[str, int], list[str]]:
    """Return a page's scores, and what lowered them."""
    done = subprocess.run(
        [
            *("npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json"),
            *(f"--chrome-flags={FLAGS}", f"--only-categories={','.join(BARS)}"),
        ],
        env={**os.environ, "CHROME_PATH": str(find_chromium.find(AS_READERS_HAVE_IT))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"Lighthouse failed on {url}:\n{done.stderr[-3000:]}")
    report = json.loads(done.stdout)
    scores = {name: round(100 * report["categories"][name]["score"]) for name in BARS}
    lowered = [
        f"{name}: {audit['title']} {audit.get('displayValue', '')}"
        for name, bar in BARS.items()
        if scores[name] < bar
        for reference in report["categories"][name]["auditRefs"]
        if reference["weight"] and (audit := report["audits"][reference["id"]])["score"] is not None
        if audit["score"] < 0.9
    ]
    return scores, lowered


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", help="as the address has them, without .html")
    parser.add_argument("--site", type=Path, help="by default it is built first")
    options = parser.parse_args()
    site = options.site or browsing.build()
    names = options.pages or sorted(
        path.relative_to(site).with_suffix("").as_posix()
        for path in site.rglob("*.html")
        if "_static" not in path.parts
    )
    width = max(map(len, names))
    print(f"{'Lighthouse, mobile':{width}}  " + "  ".join(BARS))
    good = True
    with compressed_server.serve(site) as address:
        for name in names:
            scores, lowered = scores_of(f"{address}/{name}.html")
            met = all(
                scores[key] >= bar
                for key, bar in BARS.items()
                if not (key == "seo" and name in NOT_FOR_SEARCH)
            )
            good = good and met
            row = "  ".join(f"{scores[key]:{len(key)}}" for key in BARS)
            print(f"{name:{width}}  {row}  {'met' if met else 'NOT MET'}", flush=True)
            for line in lowered:
                print(f"{'':{width}}    {line}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
