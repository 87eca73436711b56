"""Adds up pytest's result files: what was left out and why, and one closing line."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def read_results(path: Path) -> tuple[Counter[str], Counter[str]]:
    """How many tests had each outcome, and how many were left out for each reason."""
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for case in ET.parse(path).iter("testcase"):  # noqa: S314  # pytest wrote it a moment ago
        skipped = case.find("skipped")
        if skipped is not None:
            outcomes["skipped"] += 1
            reasons[skipped.get("message", "")] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            outcomes["failed"] += 1
        else:
            outcomes["passed"] += 1
    return outcomes, reasons


def main() -> int:
    total: Counter[str] = Counter()
    print()
    for path in sorted(map(Path, sys.argv[1:])):
        outcomes, reasons = read_results(path)
        total += outcomes
        print(f"{path.stem}: " + ", ".join(f"{count} {name}" for name, count in outcomes.items()))
        for reason, count in reasons.most_common():
            print(f"  left out: {count} ({reason})")
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{skipped}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
