"""Many readers at a time: 200 of them, for 30 seconds, each reading page after page.

    python benchmarks/load.py [--readers 200] [--seconds 30]

Serves the built site on loopback with Python's own server (and stops by itself). A reader asks for
a page and all that the page loads, on one connection, as a browser with an empty cache does.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browsing  # noqa: E402
import compressed_server  # noqa: E402

MOST_READERS, MOST_SECONDS = 1000, 120
_LOADS = re.compile(r'<(?:script|link)[^>]* (?:src|href)="([^"#]+)"')


def files_of(site: Path) -> list[list[str]]:
    """Return for each page of the site the paths that a visit asks for."""
    visits = []
    for page in sorted(site.rglob("*.html")):
        if "_static" in page.parts or page.name == "404.html":
            continue
        path = "/" + page.relative_to(site).as_posix()
        found = [urljoin(path, url) for url in _LOADS.findall(page.read_text("utf-8"))]
        local = [url for url in found if url.startswith("/")]
        here = [url for url in local if (site / urlsplit(url).path[1:]).is_file()]
        visits.append(list(dict.fromkeys([path, *here])))
    return visits


async def read(port: int, visits: list[list[str]], number: int, until: float, log: dict) -> None:
    """Read pages until it is time to stop."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for visit in islice(cycle(visits), number % len(visits), None):
        started = time.perf_counter()
        for path in visit:
            if time.perf_counter() > until:
                writer.close()
                return
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"Content-Length: (\d+)", head)[1])
            await reader.readexactly(length)
            log["bytes"] += length
            log["requests"] += 1
            if not head.startswith(b"HTTP/1.1 200"):
                log["errors"].append(f"{path}: {head[:40]!r}")
        log["visits"].append(time.perf_counter() - started)


async def crowd(port: int, visits: list[list[str]], readers: int, seconds: float) -> dict:
    """Let readers read, and return what they saw."""
    log: dict = {"bytes": 0, "requests": 0, "errors": [], "visits": []}
    until = time.perf_counter() + seconds
    done = await asyncio.gather(
        *(read(port, visits, number, until, log) for number in range(readers)),
        return_exceptions=True,
    )
    log["errors"] += [repr(error) for error in done if error]
    return log


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--site", type=Path, help="by default it is built first")
    options = parser.parse_args()
    readers = min(options.readers, MOST_READERS)
    seconds = min(options.seconds, MOST_SECONDS)
    site = options.site or browsing.build()
    visits = files_of(site)
    with compressed_server.serve(site) as address:
        log = asyncio.run(crowd(urlsplit(address).port, visits, readers, seconds))
    times = sorted(log["visits"])
    print(f"{readers} readers, {seconds:.0f} s, {len(visits)} pages, Python's server on loopback")
    print(f"{log['requests']} requests, {log['requests'] / seconds:.0f} a second")
    print(f"{log['bytes'] / 1e6:.0f} MB, {len(times)} pages read, {len(log['errors'])} errors")
    if len(times) > 1:
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"a page with all it loads: median {statistics.median(times):.2f} s, p95 {p95:.2f} s")
    for error in log["errors"][:5]:
        print(error)
    return 1 if log["errors"] or not times else 0


if __name__ == "__main__":
    sys.exit(main())
