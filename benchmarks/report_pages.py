"""The chapter of the results that tells of pages."""

from collections.abc import Sequence
from typing import Final

from benchmarks.shapes import Pages, PageSeen, PageSize
from benchmarks.tables import lines_of, ms, part, table

SERVER: Final = 15.0
"""The most that a home page may take, in ms."""
PAGE: Final = 60.0
FILES: Final = 60.0
"""The most that it, and that style and scripts together may have, in KB as they are sent."""
PAINT: Final = 1000.0
"""The most until the largest part of a page is there, in ms."""


def told_of_pages(found: Pages) -> str:
    said = [_sizes(found), _files(found), _seen(found)]
    return part(
        "Pages",
        "As browsers get them, in gzip. How many a second stands above, as `home page`.",
        lines_of(said),
    )


def _sizes(found: Pages) -> str:
    rows = [_size(one) for one in found.sizes]
    head = ("", "posts", "ms", "KB", "KB as sent")
    return (
        f"**One page**, asked for by one reader after another was answered; medians. Targets for a home page: "
        f"{SERVER:.0f} ms and {PAGE:.0f} KB.\n\n"
        + table(head, rows)
        + f"\n\nThe first look of each of the readers at their home, for which nothing was kept: "
        f"{ms(found.first_ms)} ms, of 5 % more than {ms(found.first_p95_ms)} ms."
    )


def _size(one: PageSize) -> Sequence[str]:
    return one.name, str(one.posts), ms(one.ms), ms(one.plain / 1024), ms(one.sent / 1024)


def _files(found: Pages) -> str:
    kinds = ", ".join(f"{kind} {size / 1024:.1f}" for kind, size in found.files.items())
    whole = sum(found.files.values()) / 1024
    return f"**Style and scripts** of a home page, as sent: **{whole:.1f} KB** of {FILES:.0f} ({kinds})."


def _seen(found: Pages) -> str:
    if not found.seen:
        return f"**As it is seen**: not known, for {found.missing}."
    head = ("", "first paint", "largest paint", "applied", "is", "shift", "blocked", "KB", "requests")
    return (
        f"**As it is seen** in Chromium on a phone's screen, by who has never been here, with a processor four times "
        f"slower and Lighthouse's slow 4G (1.6 Mbit/s, 150 ms); medians of {found.looks}, times in ms. The largest "
        f"part is to be there within {PAINT:,.0f} ms, and nothing is to move. `applied` is the largest paint where a "
        "request waits 562.5 ms and 1.47 Mbit/s come: what Lighthouse sets when it has the browser hold requests "
        "back.\n\n" + table(head, [_seen_row(one) for one in found.seen])
    )


def _seen_row(one: PageSeen) -> Sequence[str]:
    largest = ms(one.lcp_ms) + (" (too late)" if one.lcp_ms > PAINT else "")
    shift, size = f"{one.shift:.3f}".rstrip("0").rstrip("."), f"{one.bytes / 1024:.0f}"
    return (
        one.name,
        ms(one.fcp_ms),
        largest,
        ms(one.applied_ms),
        one.what,
        shift,
        ms(one.blocked_ms),
        size,
        str(one.requests),
    )
