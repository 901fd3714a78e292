"""How long the digits network of chapter 2 trains, and how good it gets.

.venv/bin/python benchmarks/digits.py
"""

from __future__ import annotations

import time

from lossbook.figures.digits import HEADS, digits, heads_targets, network


def main() -> None:
    """Train each head once and print seconds and the share of right answers on held-out digits."""
    data = digits()
    for head in HEADS:
        start = time.perf_counter()
        run = network(head)
        seconds = time.perf_counter() - start
        logits, targets = run.logits(data.X_test), heads_targets(head, data.y_test)
        said = logits.argmax(axis=1) if head == "multi-class" else logits > 0
        print(f"{head:12} {seconds:5.1f} s, {(said == targets).mean():.1%} right")


if __name__ == "__main__":
    main()
