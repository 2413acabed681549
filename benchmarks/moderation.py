"""Measure the desk on made-up backlogs, and write MODERATION.md.

`python -m benchmarks.moderation --data FOLDER --seeds 10`: each seed and mix is a run of `townsquare moderation
simulate`, of a few minutes.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from townsquare.cli.moderation.command import LABELLED
from townsquare.cli.moderation.shift import Result

TARGET: Final = Path(__file__).with_name("MODERATION.md")
MOST: Final[Mapping[str, Mapping[str, float]]] = {
    "high": {"decisions": 5000, "wrongful_removals": 0.015, "sev1_median_h": 1, "sev1_p95_h": 24, "grouping_s": 10},
    "low": {"decisions": 7000, "wrongful_removals": 0.04, "sev1_median_h": 1, "sev1_p95_h": 24, "grouping_s": 10},
}
"""What is wanted, of every seed."""
SHOWN: Final = (
    "decisions", "second_reviews", "wrongful_removals", "missed", "sev1_median_h", "sev1_p95_h",
    "violating_view_hours", "hours", "grouping_s", "next_case_ms",
)  # fmt: skip


def main() -> None:
    """Run, and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=LABELLED)
    parser.add_argument("--seeds", type=int, default=10)
    args = parser.parse_args()
    found = {mix: [measure(args.data, mix, seed) for seed in range(1, args.seeds + 1)] for mix in MOST}
    TARGET.write_text(report(found), encoding="utf-8")


def measure(data: Path, mix: str, seed: int) -> Result:
    """One run."""
    program = str(Path(sys.executable).with_name("townsquare"))
    options = ("--data", str(data), "--mix", mix, "--seed", str(seed), "--json")
    done = subprocess.run([program, "moderation", "simulate", *options], capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Result)


def report(found: Mapping[str, Sequence[Result]]) -> str:
    """The document."""
    lines = [
        "# The desk on a backlog of 26,000 reports",
        "",
        "Made by `python -m benchmarks.moderation`; each row is a run of `townsquare moderation simulate`.",
        "Reports on real labelled posts, in campaigns, by brigades, by people who are right more or less often,",
        "are gathered, ordered and decided by the desk's own code over PostgreSQL. Three reviewers at 60 reviews",
        "an hour are wrong one time in twenty; second and third reviews take their time too. `decisions` are",
        "first reviews. The hours are those of the made-up clock until something is held, removed or found to be",
        "fine. `next_case_ms` is the median of the pull from the queue.",
    ]
    for mix, results in found.items():
        lines += ["", f"## {mix}", "", f"| seed | {' | '.join(SHOWN)} |", "|---" * (len(SHOWN) + 1) + "|"]
        lines += [row(str(seed), [getattr(one, name) for name in SHOWN]) for seed, one in enumerate(results, 1)]
        if len(results) > 1:
            lines.append(row("median", [round(statistics.median(getattr(o, n) for o in results), 4) for n in SHOWN]))
        lines.append(row("at most", [MOST[mix].get(name, "") for name in SHOWN]))
    return "\n".join(lines) + "\n"


def row(first: str, cells: Sequence[object]) -> str:
    """Of a table."""
    return f"| {first} | {' | '.join(str(one) for one in cells)} |"


if __name__ == "__main__":
    main()
