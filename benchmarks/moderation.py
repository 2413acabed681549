"""Measure the desk on made-up backlogs, and write SIMULATION.md.

`python -m benchmarks.moderation --data FOLDER --seeds 10`: each seed and mix is a run of `townsquare moderation
simulate`, of a minute or two. Each is kept in a file, from which an interrupted measurement of the same version goes
on; the document is written anew after each. With `--runs N` it ends after so many, to go on another time.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.machine import commit
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
    """One backlog, and what became of it by one version of the code."""

    mix: str
    seed: int
    commit: str
    result: Result


def main() -> None:
    """Run, and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=LABELLED)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--runs", type=int, help="at most so many this time")
    parser.add_argument(
        "--kept", type=Path, default=Path("build/simulation.jsonl"), help="runs that are not made again"
    )
    args = parser.parse_args()
    args.kept.parent.mkdir(parents=True, exist_ok=True)
    version = commit()
    found = [one for one in read(args.kept) if one.commit == version]
    there = {(one.seed, one.mix) for one in found}
    missing = [one for one in product(range(1, args.seeds + 1), MOST) if one not in there]
    for seed, mix in missing[: args.runs]:
        found.append(Run(mix, seed, version, measure(args.data, mix, seed)))
        args.kept.write_bytes(msgspec.json.Encoder().encode_lines(found))
        TARGET.write_text(report(found, version), encoding="utf-8")


def read(kept: Path) -> list[Run]:
    """What was measured before."""
    return msgspec.json.Decoder(Run).decode_lines(kept.read_bytes()) if kept.exists() else []


def measure(data: Path, mix: str, seed: int) -> Result:
    """One run."""
    program = str(Path(sys.executable).with_name("townsquare"))
    options = ("--data", str(data), "--mix", mix, "--seed", str(seed), "--json")
    done = subprocess.run([program, "moderation", "simulate", *options], capture_output=True, check=True)
    return msgspec.json.decode(done.stdout, type=Result)


def report(found: Sequence[Run], version: str) -> str:
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
    return "\n".join([*lines, "", *_said(found, version)]) + "\n"


def _said(found: Sequence[Run], version: str) -> Sequence[str]:
    """What of it is within the bounds, and how it was made."""
    over = [
        f"{one.mix} {one.seed}: {name} {getattr(one.result, name)}"
        for one in found
        for name, most in MOST[one.mix].items()
        if getattr(one.result, name) > most
    ]
    within = f"Not within its bounds: {'; '.join(over)}." if over else "All are within their bounds."
    return (
        f"Each was run once, all of them by one version of the code: commit `{version}`. {within}",
        "A seed makes the same backlog each time; a second run of a seed has as many `decisions`, and differs a little",
        "in the rest. What is about ten things or more is removed by four of five (`moderation/cases/verdict.py`),",
        "since two of three who are wrong together once took down a fine campaign of 104 posts.",
        "",
        "The reviewers are all seniors, and have no rotation and no budget of the worst, which would have some of the",
        "severest wait longer.",
    )


def row(first: str, cells: Sequence[object]) -> str:
    """Of a table."""
    return f"| {first} | {' | '.join(str(one) for one in cells)} |"


if __name__ == "__main__":
    main()
