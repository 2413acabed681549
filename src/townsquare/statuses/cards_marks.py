"""What in a stored card depends on the day or on who reads.

A card's author is an account with a name, a picture and counters that change, and whether a reader's own page lacks
their word for it (`missing_attribution`) only they are told. So the stored JSON has `{"card_author":ID}` and the id of
whom the page names; both are replaced when posts are read (`credited`, `attributed`), in posts that have such a card.
No text of anybody can look like these marks: its quotes are escaped.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

AUTHOR_MARK: Final = b'"account":{"card_author":'
_AUTHOR: Final = re.compile(rb'"account":\{"card_author":(\d+)\}')
_ATTRIBUTION_MARK: Final = b'"missing_attribution":'
_ATTRIBUTION: Final = re.compile(rb'"missing_attribution":(null|\d+)')
_WITHOUT: Final = b'"card":null,"tagged_collections":[]'
"""How the stored JSON of most posts ends, in which nothing need be looked for (see render.Body)."""


def has_card(json: bytes) -> bool:
    """Whether there is a card, and so perhaps marks: each says whether an attribution is missing."""
    return not json.endswith(_WITHOUT) and _ATTRIBUTION_MARK in json


def authors_in(json: bytes) -> list[int]:
    """The accounts that a stored card in this names as its author."""
    return [int(found) for found in _AUTHOR.findall(json)] if AUTHOR_MARK in json else []


def credited(json: bytes, accounts: Mapping[int, bytes]) -> bytes:
    """With the entities of the authors; of those who are gone, without."""
    return _AUTHOR.sub(lambda found: b'"account":' + accounts.get(int(found[1]), b"null"), json)


def attributed(json: bytes, viewer: int) -> bytes:
    """With what this reader is told of their own pages; nobody in particular is told nothing."""
    if not has_card(json):
        return json

    def told(found: re.Match[bytes]) -> bytes:
        missing = b"null" if not viewer else b"true" if found[1] == b"%d" % viewer else b"false"
        return _ATTRIBUTION_MARK + missing

    return _ATTRIBUTION.sub(told, json)


def with_card(body: bytes, card: bytes) -> bytes:
    """A post's stored JSON with another card; all else stays byte by byte."""
    parts = msgspec.json.decode(b"{" + body + b"}", type=dict[str, msgspec.Raw])
    return msgspec.json.encode(parts | {"card": msgspec.Raw(card)})[1:-1]
