"""The index in which one searches without a server: which posts have a word, in parts that a phone loads one by one.

A part has all words that begin with the same two characters, as PostgreSQL has them for the search of the place itself:
in small letters and without accents.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from townsquare.continuity.mirror.model import File, Index
from townsquare.continuity.mirror.places import shard_of

MOST: Final = 200
"""Posts of a word: the newest."""
Found = tuple[int, int, Sequence[str]]
"""Owner, id and words of a post."""


def part(found: Iterable[Found], names: Mapping[int, str]) -> Index:
    """The words of posts that come with the newest first."""
    words: dict[str, list[str]] = {}
    for owner, number, said in found:
        for word in said:
            of_word = words.setdefault(word, [])
            if len(of_word) < MOST:
                of_word.append(f"{names[owner]}/{number}")
    return words


def file_of(beginning: str, words: Index) -> File:
    """The part of the index with these beginnings."""
    return File(path_of(beginning), msgspec.json.encode(dict(sorted(words.items()))))


def path_of(beginning: str) -> str:
    return f"search/{shard_of(beginning)}.json"


def parts(found: Iterable[Found], names: Mapping[int, str]) -> Iterator[File]:
    """All of it."""
    by_part: dict[str, dict[str, Sequence[str]]] = {}
    for word, posts in part(found, names).items():
        by_part.setdefault(word[:2], {})[word] = posts
    for beginning in sorted(by_part):
        yield file_of(beginning, by_part[beginning])
