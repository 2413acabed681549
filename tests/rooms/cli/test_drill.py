"""What a drill tells of itself: sums, the longest times, and a page that says what was lost."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from townsquare.cli.drill import report
from townsquare.cli.drill.command import summary
from townsquare.cli.drill.rounds import Plan, Round

AT = datetime(2026, 11, 21, tzinfo=UTC)
PLAN = Plan(2, 6.0, 7)


def done(number: int, *, lost: int = 0, doubled: int = 0) -> Round:
    return Round(number, 4.2, {"posts": 1000, "votes": 20}, {"posts": lost, "votes": 0}, doubled, 0.5 * number, 2.0)


def test_the_last_line_has_sums_and_the_longest_times() -> None:
    told = summary([done(1), done(2, lost=3)])
    assert told["acknowledged_writes"] == 2040
    assert told["lost_writes"] == 3
    assert told["first_write_s"] == 1.0
    assert told["full_service_s"] == 2.0


def test_the_page_says_what_was_lost_and_loads_nothing() -> None:
    whole = report.page([done(1), done(2)], PLAN, "A <machine>", AT)
    assert "The host was lost twice, and nothing was lost with it" in whole
    assert "A &lt;machine&gt;" in whole
    torn = report.page([done(1, lost=3)], PLAN, "", AT)
    assert "3 of 1,020 acknowledged writes with it" in torn
    assert 'class="bad">3<' in torn
    HTMLParser().feed(whole)
    assert "http" not in whole.replace("http-equiv", "")
    assert "<script" not in whole
