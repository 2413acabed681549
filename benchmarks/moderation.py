"""Measure the desk on made-up backlogs, and write SIMULATION.md.

`python -m benchmarks.moderation --data FOLDER --seeds 10`: each seed and mix is a run of `townsquare moderation
simulate`, of a few minutes. Each is kept in a file, from which an
interrupted measurement goes on; the document is written anew after each.
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

TARGET: Final = Path(__file__).with_name("SIMULATION.md")
MOST: Final[Mapping[str, Mapping[str, float]]] = {
    "high": {"decisions": 5000, "wrongful_removals": 0.015, "sev1_median_h": 1, "sev1_p95_h": 24, "grouping_s": 10},
    "low": {"decisions": 7000, "wrongful_removals": 0.04, "sev1_median_h": 1, "sev1_p95_h": 24, "grouping_s": 10},
}
"""What is wanted, of every seed."""
SHOWN: Final = (
    "decisions", "second_reviews", "wrongful_removals", "missed", "sev1_median_h", "sev1_p95_h",
    "violating_view_hours", "hours", "grouping_s", "grouping_cpu_s", "next_case_ms",
)  # fmt: skip


class Run(msgspec.Struct, frozen=True):
    """One backlog, and what became of it."""

    mix: str
    seed: int
    result: Result


def main() -> None:
    """Run, and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=LABELLED)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--kept", type=Path, default=Path("build/simulation.jsonl"), help="runs that are not made again"
    )
    args = parser.parse_args()
    args.kept.parent.mkdir(parents=True, exist_ok=True)
    found = read(args.kept)
    TARGET.write_text(report(found), encoding="utf-8")
    for seed in range(1, args.seeds + 1):
        for mix in MOST:
            if seed not in {one.seed for one in found if one.mix == mix}:
                found.append(Run(mix, seed, measure(args.data, mix, seed)))
                args.kept.write_bytes(msgspec.json.Encoder().encode_lines(found))
                TARGET.write_text(report(found), encoding="utf-8")


def read(kept: Path) -> list[Run]:
    """What was measured before."""
    return msgspec.json.Decoder(Run).decode_lines(kept.read_bytes()) if kept.exists() else []


def measure(data: Path, mix: str, seed: int) -> Result:
    """One run."""
    program = str(Path(sys.executable).with_name("townsquare"))
    options = ("--data", str(data), "--mix", mix, "--seed", str(seed), "--json")
    done = subprocess.run([program, "moderation", "simulate", *options], capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Result)


def report(found: Sequence[Run]) -> str:
    """The document."""
    lines = [
        "# The desk on a backlog of 26,000 reports",
        "",
        "Made by `python -m benchmarks.moderation`; each row is a run of `townsquare moderation simulate`.",
        "Reports on real labelled posts, in campaigns, by brigades, by people who are right more or less often,",
        "are gathered, ordered and decided by the desk's own code over PostgreSQL. Ten reviewers at 60 reviews",
        "an hour are wrong one time in twenty; further reviews take their time too. `decisions` are first",
        "reviews, `second_reviews` all others. The hours are those of the made-up clock until something is held,",
        "removed or found to be fine. `grouping_cpu_s` is what the grouping itself computes of `grouping_s`; the",
        "rest it waits, for PostgreSQL and for its turn on the machine. `next_case_ms` is the median of the pull from",
        "the queue.",
    ]
    for mix in MOST:
        runs = sorted((one for one in found if one.mix == mix), key=lambda one: one.seed)
        results = [one.result for one in runs]
        lines += ["", f"## {mix}", "", f"| seed | {' | '.join(SHOWN)} |", "|---" * (len(SHOWN) + 1) + "|"]
        lines += [row(str(one.seed), [getattr(one.result, name) for name in SHOWN]) for one in runs]
        if len(results) > 1:
            lines.append(row("median", [round(statistics.median(getattr(o, n) for o in results), 4) for n in SHOWN]))
        lines.append(row("at most", [MOST[mix].get(name, "") for name in SHOWN]))
    return "\n".join(lines) + "\n"


def row(first: str, cells: Sequence[object]) -> str:
    """Of a table."""
    return f"| {first} | {' | '.join(str(one) for one in cells)} |"


if __name__ == "__main__":
    main()
