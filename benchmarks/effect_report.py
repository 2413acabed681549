"""What `benchmarks.effect` has found, as a document."""

import statistics
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from benchmarks.effect_places import Kept

MIRRORED: Final = "In a static mirror, four of these at once"
INTRODUCTION: Final = """# How soon a decision holds

Made by `python -m benchmarks.effect`. A post, a person or a hashtag is reported, decided upon at the desk by as many
reviewers as it takes, and the decision is taken back ("Take it back": nothing was wrong). What the whole place blocks
is put on its list, and taken away again. In ms from the answer to the last reviewer, or to who took it back, until
somebody else who asks each place in turn finds it so: the last are asked after all others. The bounds are 60 s and 5 s.

A place counts as decided when all of it is: the profile of whose post is removed has one post less, and is the same
otherwise; one strike counts. It counts as back when each entity is, word for word, as it was, and no strike counts.
"""
LAID: Final = """
It is a folder, and written every 15 s: a decision holds there within the 60 s, also where the folder's host keeps pages
and files for 30 s more (see docs/mirror.md). Taken back, it is undone with the next writing: not within 5 s.
"""
CACHES: Final = """## Behind a shared cache

For how long, in seconds, a shared cache may give out what it was told (RFC 9111, 4.2.1), as the answers above say it:
of what shows the thing, so that it may be seen so much longer than above, and of what stands there without it, so that
it may be missed so much longer after the decision is taken back. Each was asked as a cache asks again, with `no-cache`
and the `ETag` of before where there is one: what was decided holds at the next question.

| answer | with it | without it |
|---|---:|---:|
"""


class Times(msgspec.Struct, frozen=True):
    """Seconds of each round, by place."""

    gone: list[Mapping[str, float]]
    back: list[Mapping[str, float]]


class Found(msgspec.Struct, frozen=True):
    """What was measured. `kept`: what the answers said, by their kind."""

    times: Mapping[str, Times]
    kept: Mapping[str, Kept]


def report(found: Found) -> str:
    """The document."""
    parts = [INTRODUCTION, *(_table(name, times) for name, times in found.times.items())]
    rows = [f"| {name} | {kept.shown} | {kept.refused} |" for name, kept in found.kept.items()]
    return "\n".join([*parts, CACHES + "\n".join(rows) + "\n", *_at_most(found)])


def _table(name: str, times: Times) -> str:
    lines = [f"## {name}", "", f"{len(times.gone)} times.", *([LAID] if name == MIRRORED else [""])]
    lines += ["| place | decided, median | at most | back, median | at most |", "|---|---:|---:|---:|---:|"]
    for place in [*times.gone[0], "everywhere"]:
        cells: list[str] = []
        for rounds in (times.gone, times.back):
            took = [1000 * (max(one.values()) if place == "everywhere" else one[place]) for one in rounds]
            cells += [f"{statistics.median(took):.0f}", f"{max(took):.0f}"]
        lines.append(f"| {place} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _at_most(found: Found) -> Iterator[str]:
    """The longest of all, with what a shared cache adds."""
    here = [times for name, times in found.times.items() if name != MIRRORED]
    gone, back = (max(max(one.values()) for times in here for one in getattr(times, way)) for way in ("gone", "back"))
    shown, refused = (max(getattr(one, way) for one in found.kept.values()) for way in ("shown", "refused"))
    yield (
        f"So a decision holds after {gone:.1f} s at most, and behind a shared cache after {gone + shown:.1f} s; taken "
        f"back, it is\nundone after {back:.1f} s, and behind a shared cache after {back + refused:.1f} s.\n"
    )
