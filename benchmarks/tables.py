"""Markdown by small pieces."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table: the first column to the left, the others to the right, for they are figures; of two both to the left."""
    under = ["---"] + ["---" if len(head) == 2 else "---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, under, *rows))


def part(title: str, told: str, body: str) -> str:
    """A chapter."""
    return "\n\n".join(text for text in (f"## {title}", told, body) if text)


def lines_of(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(paragraphs)


def count(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:,.1f}".removesuffix(".0")


def ms(number: float) -> str:
    """A time as precise as it is worth."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def percent(ratio: float) -> str:
    return f"{ratio * 100:.0f} %"
