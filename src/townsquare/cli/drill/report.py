"""The report of a drill: one page by itself, with nothing to load, for people who were not there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Final

from townsquare import __version__
from townsquare.cli.drill.load import KINDS
from townsquare.cli.drill.rounds import Plan, Round

NAMES: Final = {
    "posts": "Posts",
    "votes": "Votes in polls",
    "reports": "Reports to the staff",
    "messages": "Direct messages",
    "sessions": "Sign-ins",
    "jobs": "Background jobs",
    "media": "Pictures",
}
WIDTH: Final = 640
ROW: Final = 34
LEFT: Final = 84
LEGEND: Final = 34

STYLE: Final = """
:root { color-scheme: light dark; --paper: light-dark(#faf7f0, #171614); --sheet: light-dark(#fff, #1f1e1b);
  --ink: light-dark(#211e19, #f1ede4); --quiet: light-dark(#5f594e, #b0a899); --line: light-dark(#e2dbcc, #37332d);
  --accent: light-dark(#0b6b58, #6fd3b8); --pale: light-dark(#b5d9cf, #2c5a4f);
  --danger: light-dark(#b3261e, #ffb4a9); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif; }
main { max-inline-size: 46rem; margin-inline: auto; padding: 3rem 1.25rem 4rem; }
h1, h2 { font-family: "Iowan Old Style", Palatino, "Palatino Linotype", Georgia, serif; font-weight: 600;
  line-height: 1.2; text-wrap: balance; }
h1 { font-size: 2.25rem; margin: 0 0 .5rem; }
h2 { font-size: 1.375rem; margin: 2.75rem 0 .75rem; }
.quiet, figcaption, footer { color: var(--quiet); }
.quiet { margin-block-start: 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; margin: 2rem 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
dl div { background: var(--sheet); padding: 1rem 1.125rem; display: grid; align-content: space-between; }
dt { color: var(--quiet); font-size: .875rem; }
dd { margin: 0; font-size: 1.875rem; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.good { color: var(--accent); }
.bad { color: var(--danger); }
figure { margin: 1rem 0 0; padding: 1.25rem; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 14px; overflow-x: auto; }
figcaption { font-size: .9375rem; margin-block-end: .75rem; }
svg { display: block; inline-size: 100%; min-inline-size: 30rem; block-size: auto; font: 13px system-ui, sans-serif; }
svg text { fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .scale { fill: var(--quiet); font-size: 12px; }
.grid { stroke: var(--line); }
.first { fill: var(--accent); }
.full { fill: var(--pale); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 14px; background: var(--sheet); }
table { border-collapse: collapse; inline-size: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .9rem; text-align: end; white-space: nowrap; border-block-end: 1px solid var(--line); }
th:first-child { text-align: start; }
thead th { font-size: .875rem; color: var(--quiet); font-weight: 500; white-space: normal; vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody tr:last-child > * { border-block-end: 0; }
li { margin-block: .35rem; }
footer { margin-block-start: 3rem; padding-block-start: 1rem; border-block-start: 1px solid var(--line);
  font-size: .875rem; }
@media print { main { padding: 0; } dl, figure, .scroll { break-inside: avoid; } }
"""


def page(done: Sequence[Round], plan: Plan, machine: str, at: datetime) -> str:
    """The whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Losing the host: the drill of {at:%d %B %Y}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{_verdict(done, at)}{_figures(done)}{_chart(done)}{_kinds(done)}{_rounds(done)}{_how(done, plan)}"
        f"<footer>Townsquare {escape(__version__)} · {escape(machine)} · seed {plan.seed} · made on "
        f"{at:%d %B %Y at %H:%M} UTC by <code>townsquare drill</code>. Whoever has Townsquare can repeat it.</footer>\n"
        "</main>\n</body>\n</html>\n"
    )


def _verdict(done: Sequence[Round], at: datetime) -> str:
    lost, doubled = sum(one.lost_writes for one in done), sum(one.doubled for one in done)
    total = sum(one.acknowledged_writes for one in done)
    times = {1: "once", 2: "twice"}.get(len(done), f"{len(done)} times")
    said = (
        f"The host was lost {times}, and nothing was lost with it"
        if not lost and not doubled
        else f"The host was lost {times}, and {lost} of {total:,} acknowledged writes with it"
    )
    return (
        f"<h1>{said}</h1>\n<p class=quiet>{at:%d %B %Y}. Each time the machine that people were writing to was ended "
        "without a word, at a moment chosen by chance, and its disk was emptied. The second host took its place. "
        "Then everything that had been acknowledged to anybody was looked for.</p>\n"
    )


def _figures(done: Sequence[Round]) -> str:
    lost = sum(one.lost_writes for one in done)
    tiles = (
        ("Acknowledged writes", f"{sum(one.acknowledged_writes for one in done):,}", ""),
        ("Lost", f"{lost:,}", "bad" if lost else "good"),
        ("First write, at the longest", f"{max(one.first_write for one in done):.1f} s", ""),
        ("Everything works, at the longest", f"{max(one.full_service for one in done):.1f} s", ""),
    )
    rows = "".join(f'<div><dt>{name}</dt><dd class="{kind}">{value}</dd></div>' for name, value, kind in tiles)
    return f"<dl>{rows}</dl>\n"


def _chart(done: Sequence[Round]) -> str:
    most = max(one.full_service for one in done)
    step = next((one for one in (0.5, 1, 2, 5, 10, 20, 60) if most / one <= 6), 120)  # noqa: PLR2004 (lines)
    ticks = [step * number for number in range(int(most / step) + 2)]
    across = (WIDTH - LEFT - 70) / ticks[-1]
    height = LEGEND + ROW * len(done) + 26
    drawn = [_tick(LEFT + tick * across, tick, height) for tick in ticks]
    drawn += [_bars(number, one, across) for number, one in enumerate(done)]
    told = "; ".join(f"round {one.number}: {one.first_write:.2f} and {one.full_service:.2f}" for one in done)
    return (
        "<h2>How long it took</h2>\n<figure><figcaption>Seconds from the end of the first host until somebody's post "
        "was acknowledged again, and until reading, writing, signing in, pictures and notifications all worked."
        f'</figcaption>\n<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Seconds to the first write and to '
        f'full service: {told}">\n'
        f'<rect class="first" x="{LEFT}" y="4" width="12" height="12" rx="3"/>'
        f'<text x="{LEFT + 18}" y="15">first write</text>'
        f'<rect class="full" x="{LEFT + 110}" y="4" width="12" height="12" rx="3"/>'
        f'<text x="{LEFT + 128}" y="15">everything works</text>\n{"".join(drawn)}</svg></figure>\n'
    )


def _tick(x: float, tick: float, height: int) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{LEGEND - 6}" y2="{height - 22}"/>'
        f'<text class="scale" x="{x:.1f}" y="{height - 6}" text-anchor="middle">{tick:g} s</text>\n'
    )


def _bars(number: int, one: Round, across: float) -> str:
    y, end = LEGEND + ROW * number, LEFT + one.full_service * across
    first = max(one.first_write * across, 2)
    return (
        f'<text x="0" y="{y + 18}">Round {one.number}</text>'
        f'<rect class="full" x="{LEFT}" y="{y + 4}" width="{one.full_service * across:.1f}" height="20" rx="5"/>'
        f'<rect class="first" x="{LEFT}" y="{y + 4}" width="{first:.1f}" height="20" rx="5"/>'
        f'<text x="{end + 8:.1f}" y="{y + 18}">{one.first_write:.1f} / {one.full_service:.1f} s</text>\n'
    )


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, *cells in rows
    )
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>\n'


def _kinds(done: Sequence[Round]) -> str:
    rows = [
        (
            NAMES[kind],
            f"{sum(one.acknowledged.get(kind, 0) for one in done):,}",
            f"{sum(one.lost.get(kind, 0) for one in done):,}",
        )
        for kind in KINDS
    ]
    return "<h2>What was acknowledged</h2>\n" + _table(("", "Acknowledged", "Lost"), rows)


def _rounds(done: Sequence[Round]) -> str:
    rows = [
        (
            f"Round {one.number}",
            f"{one.worked:.1f} s",
            f"{one.acknowledged_writes:,}",
            f"{one.lost_writes:,}",
            f"{one.doubled:,}",
            f"{one.first_write:.2f} s",
            f"{one.full_service:.2f} s",
        )
        for one in done
    ]
    head = ("", "At work for", "Acknowledged", "Lost", "Jobs done twice", "First write", "Everything")
    return "<h2>Round by round</h2>\n" + _table(head, rows)


def _how(done: Sequence[Round], plan: Plan) -> str:
    return (
        "<h2>How it was done</h2>\n<ol>"
        "<li>Two hosts of one place were started, each with a database and a disk folder of its own, with "
        "<code>durability = remote</code>: nothing is acknowledged before both have it.</li>"
        "<li>Seven programs wrote at once, as apps do: posts, polls and votes, reports, direct messages, sign-ins and "
        "pictures. Each noted what was acknowledged to it.</li>"
        f"<li>After {plan.seconds / 3:.0f} to {plan.seconds:.0f} seconds every process of the first host was killed "
        "(<code>SIGKILL</code>), its database too, and its folder was deleted.</li>"
        "<li><code>townsquare promote</code> was run on the second host at once. The clocks stop at the first post "
        "that it acknowledged, and when a person could read, write, sign in, send a picture and be notified.</li>"
        "<li>All that had been noted was asked for: each post, vote, report, message, sign-in, the bytes of each "
        "picture, and whether each message's receiver was notified of it, exactly once.</li>"
        f"<li>A new host was made to follow, and it began again: {len(done)} in all.</li></ol>\n"
        "<p>Both hosts stood on one machine, so the time that a network takes is not in these figures, nor the time "
        "until a person decides to promote, nor until the place's name leads to the second host.</p>\n"
    )
