"""Where the pages of the place stand in the mirror: pure.

Every file is named with its ending and reached by a relative address, so that the mirror works from any host, below any
path, and from a folder on a disk.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

from townsquare.kernel.text import fold_tag

PART: Final = 40
"""Posts of one part of a list."""
LATEST: Final = 20
"""At least so many stand on its first page, where there are so many."""
_FIXED: Final = {
    "/": "index.html",
    "/explore": "index.html",
    "/explore/people": "people.html",
    "/explore/tags": "tags.html",
    "/feed.atom": "feed.atom",
    "/home": "index.html",
    "/look.css": "look.css",
    "/manifest.json": "manifest.json",
    "/manifest.sig": "manifest.sig",
    "/mirror": "mirror.html",
    "/public": "index.html",
    "/public/local": "index.html",
    "/search": "search.html",
}


def file_of(path: str) -> str | None:
    """The file that has the page of a path of ours (quoted, no query). None for what the mirror has not."""
    fixed = _FIXED.get(path)
    if fixed is not None:
        return fixed
    parts = [unquote(part) for part in path.strip("/").split("/")]
    match parts:
        case ["media" | "static", *_]:
            return "/".join(parts)
        case ["explore", "people", letter]:
            return f"people/{letter}.html"
        case ["tags", tag, *rest]:
            return _list(f"tags/{fold_tag(tag)}", rest)
        case [handle, *rest] if handle.startswith("@") and "@" not in handle[1:]:
            return _list(handle, rest)
        case _:
            return None


def _list(start: str, rest: list[str]) -> str | None:
    """Of a person or a tag: its first page, the others, its feed; of a person also the posts."""
    match rest:
        case []:
            return f"{start}.html"
        case ["feed.atom"]:
            return f"{start}/feed.atom"
        case [one] if one.isdecimal() or one.startswith("older-"):
            return f"{start}/{one}.html"
        case [one, "answers", number] if one.isdecimal() and number.isdecimal():
            return f"{start}/{one}/answers/{number}.html"
        case _:
            return None


def address(file: str) -> str:
    """A file as an address within the mirror."""
    return quote(file, safe="/@-._~")


def up(file: str) -> str:
    """From where a file stands to the top."""
    return "../" * file.count("/")


def parts_of(count: int) -> int:
    """How many whole parts a list of so many posts has, beside what stands on its first page."""
    return max(0, (count - LATEST) // PART)


def spans(count: int, first: int) -> Iterator[tuple[int, int, int]]:
    """The pages of a list from one part on, the oldest first: its number (0: the first page), and from which post of
    the list up to which, counted from the oldest. What is new changes the last of them only.
    """
    whole = parts_of(count)
    for part in range(first, whole):
        yield part + 1, part * PART, (part + 1) * PART
    yield 0, whole * PART, count


def first_changed(position: int) -> int:
    """From which part on a list is another, where the post that stands (or stood) there came or went."""
    return max(0, position // PART - 1)


def shard_of(word: str) -> str:
    """The part of the index in which a word stands: by its first two characters, so that a phone loads little."""
    return "-".join(f"{ord(letter):x}" for letter in word[:2])
