"""How long a text is for the person who writes it."""

import regex

from townsquare.kernel.text.entities import MentionSpan, UrlSpan, find_spans
from townsquare.kernel.text.patterns import MAX_URL

URL_LENGTH = 23

_CLUSTER = regex.compile(r"\X")
_FLAG = regex.compile(r"\p{Regional_Indicator}{2}")
_CLUSTER_SIZE = 32
_MOST_PER_CHARACTER = MAX_URL // URL_LENGTH + _CLUSTER_SIZE


def length(text: str) -> int:
    """Characters as people see them: extended grapheme clusters (UAX #29). A link counts 23 whatever its length, and
    `@user@domain` counts as `@user`, as in Mastodon. A cluster of more than 32 code points, more than any language or
    emoji has, counts once for every 32, so that a limit on the length is one on the storage too.
    """
    return _clusters(_countable(text) if "://" in text or "@" in text else text)


def longer_than(text: str, limit: int) -> bool:
    """Whether `length(text) > limit`, told without counting where the number of code points already decides it."""
    if len(text) > limit * _MOST_PER_CHARACTER:
        return True
    return (len(text) > limit or "://" in text) and length(text) > limit


def _countable(text: str) -> str:
    parts: list[str] = []
    at = 0
    for span in find_spans(text):
        match span:
            case UrlSpan(start=start, end=end):
                parts += text[at:start], "x" * URL_LENGTH
                at = end
            case MentionSpan(start=start, end=end, handle=handle):
                parts += text[at:start], "@", handle.username
                at = end
            case _:
                continue
    return "".join([*parts, text[at:]])


def _clusters(text: str) -> int:
    if text.isascii():
        return len(text) - text.count("\r\n")
    # A flag is two regional indicators; `\X` would look back over a whole row of them at each.
    clusters: list[str] = _CLUSTER.findall(_FLAG.sub("x", text))
    return sum(1 + (len(one) - 1) // _CLUSTER_SIZE for one in clusters)
