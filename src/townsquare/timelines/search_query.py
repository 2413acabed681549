"""What a person types into a search: words, "exact phrases", and the operators that they know from elsewhere.

    from:name from:me                 whose
    before: after: during:            when (see search_dates)
    has:media image video audio poll link embed quote
    is:reply sensitive quote
    in:all library public             among all posts, among those one has to do with, among public ones
    in:posts people tags profiles     what is looked for at all
    language:de, #tag, this or that

Each may have a minus before it. What only looks like an operator is text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.kernel.ids import LARGEST
from townsquare.kernel.text import fold_tag, valid_language
from townsquare.timelines.search_dates import Span, span_of

LONGEST: Final = 500
"""Characters of a query that are looked at."""
HAS: Final = ("media", "image", "video", "audio", "poll", "link", "embed", "quote")
IS: Final = ("reply", "sensitive", "quote")
TAG: Final = "tag "

Scope = Literal["all", "library", "public"]
Kind = Literal["statuses", "accounts", "hashtags", "profiles"]
SCOPES: Final[Mapping[str, Scope]] = {"all": "all", "library": "library", "public": "public"}
KINDS: Final[Mapping[str, Kind]] = {
    "posts": "statuses",
    "people": "accounts",
    "tags": "hashtags",
    "profiles": "profiles",
}

_PIECE: Final = re.compile(r'(?P<sign>[+-]?)(?:(?P<operator>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES: Final = str.maketrans("“”„‟", '""""')


class Clause(msgspec.Struct, frozen=True):
    """Something that a post has or, negated, has not. A mark is what was entered beside its words."""

    text: str
    form: Literal["word", "phrase", "mark"] = "word"
    negated: bool = False


class Asked(msgspec.Struct, frozen=True):
    """A query, taken apart. Of a group one clause is enough."""

    groups: tuple[tuple[Clause, ...], ...] = ()
    authors: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Whose posts are not wanted."""
    above: int = 0
    below: int = LARGEST
    gaps: tuple[Span, ...] = ()
    scope: Scope = "all"
    kind: Kind | None = None
    languages: tuple[str, ...] = ()
    operators: bool = False
    """Whether it says something that only posts have."""

    @property
    def indexed(self) -> bool:
        """Whether there is something that what is found must have: words that it must not have are nothing to go by."""
        return any(all(not one.negated for one in group) for group in self.groups)

    @property
    def asks(self) -> bool:
        return self.indexed or bool(self.authors or self.above or self.below < LARGEST or self.scope != "all")

    @property
    def words(self) -> list[str]:
        """Words and phrases that are wanted, for what is not a post."""
        return [one.text for group in self.groups for one in group if not one.negated and one.form != "mark"]

    @property
    def tag(self) -> str:
        """A hashtag that may be meant: the first that is one, or all of the words as one."""
        marks = (one.text for group in self.groups for one in group if not one.negated and one.form == "mark")
        return next((mark.removeprefix(TAG) for mark in marks if mark.startswith(TAG)), "".join(self.words))

    @property
    def exact(self) -> bool:
        """Whether it is one phrase in quotes."""
        return len(self.groups) == 1 and [one.form for one in self.groups[0]] == ["phrase"]


def parse(text: str, now: datetime) -> Asked:
    """Raises Invalid for a date that is none."""
    asked, either = Asked(), False
    for piece in _PIECE.finditer(text[:LONGEST].translate(_QUOTES)):
        if piece[0].lower() == "or":
            either = bool(asked.groups)
            continue
        changed = _operator(asked, piece, now)
        if changed is None:
            clause = _clause(piece)
            changed = asked if clause is None else _with(asked, clause, either=either)
        asked, either = changed, False
    return msgspec.structs.replace(asked, groups=tuple(dict.fromkeys(asked.groups)))


def _clause(piece: re.Match[str]) -> Clause | None:
    negated, operator, phrase, word = piece["sign"] == "-", piece["operator"], piece["phrase"], piece["word"]
    if phrase is not None:
        text = phrase if operator is None else f"{operator} {phrase}"
        return Clause(text, "phrase", negated) if text.strip() else None
    if operator is None and word.startswith("#"):
        tag = fold_tag(word)
        return Clause(TAG + tag, "mark", negated) if tag else None
    return Clause(word if operator is None else f"{operator}:{word}", "word", negated)


def _with(asked: Asked, clause: Clause, *, either: bool) -> Asked:
    before = asked.groups
    groups = (*before[:-1], (*before[-1], clause)) if either else (*before, (clause,))
    return msgspec.structs.replace(asked, groups=groups)


def _operator(asked: Asked, piece: re.Match[str], now: datetime) -> Asked | None:
    """The query with what an operator says, None for what is none."""
    apply = _OPERATORS.get((piece["operator"] or "").lower())
    value = piece["word"] if piece["phrase"] is None else piece["phrase"]
    if apply is None or not value.strip():
        return None
    return apply(asked, value.strip(), piece["sign"] == "-", now)


def _from(asked: Asked, value: str, negated: bool, _: datetime) -> Asked:
    if negated:
        return msgspec.structs.replace(asked, others=(*asked.others, value), operators=True)
    return msgspec.structs.replace(asked, authors=(*asked.authors, value), operators=True)


def _before(asked: Asked, value: str, negated: bool, now: datetime) -> Asked:
    start, _ = span_of("before", value, now)
    return _within(asked, above=start - 1) if negated else _within(asked, below=start)


def _after(asked: Asked, value: str, negated: bool, now: datetime) -> Asked:
    _, end = span_of("after", value, now)
    return _within(asked, below=end) if negated else _within(asked, above=end - 1)


def _during(asked: Asked, value: str, negated: bool, now: datetime) -> Asked:
    start, end = span_of("during", value, now)
    if negated:
        return msgspec.structs.replace(asked, gaps=(*asked.gaps, (start, end)), operators=True)
    return _within(asked, above=start - 1, below=end)


def _within(asked: Asked, above: int = 0, below: int = LARGEST) -> Asked:
    above, below = max(asked.above, above), min(asked.below, below)
    return msgspec.structs.replace(asked, above=above, below=below, operators=True)


def _marked(operator: str, values: Sequence[str]) -> Callable[[Asked, str, bool, datetime], Asked | None]:
    def apply(asked: Asked, value: str, negated: bool, _: datetime) -> Asked | None:
        if value.lower() not in values:
            return None
        return _marking(asked, f"{operator} {value.lower()}", negated)

    return apply


def _language(asked: Asked, value: str, negated: bool, _: datetime) -> Asked:
    code = (valid_language(value) or value).lower()
    asked = _marking(asked, f"lang {code}", negated)
    return asked if negated else msgspec.structs.replace(asked, languages=(*asked.languages, code))


def _marking(asked: Asked, mark: str, negated: bool) -> Asked:
    return msgspec.structs.replace(_with(asked, Clause(mark, "mark", negated), either=False), operators=True)


def _in(asked: Asked, value: str, negated: bool, _: datetime) -> Asked | None:
    value = value.lower()
    if negated:
        value = {"library": "public", "public": "library"}.get(value, "")
    if value in SCOPES:
        return msgspec.structs.replace(asked, scope=SCOPES[value], operators=True)
    return msgspec.structs.replace(asked, kind=KINDS[value]) if value in KINDS else None


_OPERATORS: Final[Mapping[str, Callable[[Asked, str, bool, datetime], Asked | None]]] = {
    "from": _from,
    "before": _before,
    "after": _after,
    "during": _during,
    "has": _marked("has", HAS),
    "is": _marked("is", IS),
    "in": _in,
    "language": _language,
}


# What goes to PostgreSQL ----------------------------------------------------------------------------------------------


class Lexemes(msgspec.Struct, frozen=True):
    """A word or a phrase as it stands in the index: a query of its words as they are and, of a word, its stems, each
    with the language's code before it."""

    exact: str
    stems: Sequence[str] = ()


def settled(groups: Iterable[Sequence[Clause]], known: Mapping[str, Lexemes]) -> tuple[tuple[Clause, ...], ...]:
    """Without what has no words at all, such as "!!!"."""
    kept = (tuple(clause for clause in group if _part(clause, known)) for group in groups)
    return tuple(group for group in kept if group)


def compose(groups: Iterable[Sequence[Clause]], known: Mapping[str, Lexemes]) -> str:
    """The query in PostgreSQL's notation (tsquery)."""
    return " & ".join(f"({' | '.join(_part(clause, known) for clause in group)})" for group in groups)


def _part(clause: Clause, known: Mapping[str, Lexemes]) -> str:
    if clause.form == "mark":
        part = quoted(clause.text)
    else:
        lexemes = known.get(clause.text, Lexemes(""))
        part = lexemes.exact if clause.form == "phrase" else _stemmed(lexemes)
    return f"!({part})" if part and clause.negated else f"({part})" if part else ""


def _stemmed(word: Lexemes) -> str:
    """The word, or another form of it: what has the same stem in the language that the post is in.

    A stem that is itself a word of the post was not entered beside it.
    """
    parts = [word.exact]
    for stem in word.stems:
        code, plain = stem.partition(" ")[0], plain_of(stem)
        parts.append(quoted(stem))
        if quoted(plain) != word.exact:
            parts.append(f"{quoted(plain)} & {quoted(f'lang {code}')}")
    return " | ".join(parts) if word.exact else ""


def plain_of(stem: str) -> str:
    """A stem without its language."""
    return stem.partition(" ")[2]


def quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
