"""What one process knows of words: what they are in the index of words, and how common they are there.

How common a query is decides how its posts are looked for (docs/decisions/006), never which ones are found.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Final

from townsquare.db.pool import Db
from townsquare.timelines import store_search_index as store
from townsquare.timelines.search_query import Clause, Lexemes, plain_of
from townsquare.timelines.store_search_index import Census

KEPT: Final = 600.0
"""Seconds for which the count of words is good enough: PostgreSQL counts anew after every tenth post or so."""
MOST: Final = 2048
"""Words whose lexemes are kept."""
COMMON: Final = 3.0
"""Among N posts a query is common that at least so many times √N of them match (docs/decisions/006)."""
_LEXEME: Final = re.compile(r"'((?:[^']|'')+)'")


class Lexicon:
    """`clock` gives seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lexemes: dict[tuple[str, tuple[str, ...]], Lexemes] = {}
        self._census = Census()
        self._until = 0.0

    async def lexemes(self, db: Db, text: str, codes: tuple[str, ...]) -> Lexemes:
        """A word or a phrase, and the languages to be thought of: what it is in the index."""
        found = self._lexemes.get((text, codes))
        if found is None:
            found = await db.batched(store.lexemes, (text, codes))
            if len(self._lexemes) >= MOST:
                self._lexemes.pop(next(iter(self._lexemes)), None)
            self._lexemes[text, codes] = found
        return found

    async def common(self, db: Db, groups: Sequence[Sequence[Clause]], known: Mapping[str, Lexemes]) -> bool:
        """Whether so many posts match that the latest of them are soon found by looking at one post after the other."""
        now = self._clock()
        if now >= self._until:
            # Those who come meanwhile go on with what was known before.
            self._until = now + KEPT
            try:
                self._census = await store.census(db)
            except BaseException:
                self._until = now
                raise
        posts = self._census.posts
        return share_of(groups, known, self._census.shares) * posts > COMMON * posts**0.5


def share_of(groups: Sequence[Sequence[Clause]], known: Mapping[str, Lexemes], shares: Mapping[str, float]) -> float:
    """About which part of all posts match, from 0 to 1, as if words had nothing to do with each other."""
    return prod(min(1.0, sum(_share(clause, known, shares) for clause in group)) for group in groups)


def _share(clause: Clause, known: Mapping[str, Lexemes], shares: Mapping[str, float]) -> float:
    if clause.negated:
        return 1.0
    if clause.form == "mark":
        return shares.get(clause.text, 0.0)
    lexemes = known.get(clause.text, Lexemes(""))
    exact = prod(shares.get(lexeme.replace("''", "'"), 0.0) for lexeme in _LEXEME.findall(lexemes.exact))
    if clause.form == "phrase":
        return exact
    return exact + sum(shares.get(stem, 0.0) + shares.get(plain_of(stem), 0.0) for stem in lexemes.stems)
