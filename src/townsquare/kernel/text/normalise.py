"""The form in which text is kept: valid Unicode, composed, with line feeds, without what nobody can see or bear."""

import unicodedata

import regex

from townsquare.kernel.words import Words

_INVALID = regex.compile(r"[\x00\p{Cs}]")
_LINE_END = regex.compile(r"\r\n?|[\u0085\u2028\u2029]")
_UNSEEN = regex.compile(r"[[\p{Cc}\p{Noncharacter_Code_Point}]--[\t\n]]", regex.V1)
_STACKED_MARKS = regex.compile(r"(\p{M}{30})\p{M}++")
_BLANK_LINES = regex.compile(r"\n{4,}+")


class BadText(ValueError):
    """Text that is not valid Unicode, or has a NUL. Its words are safe to show."""

    words = Words("The text has characters that are not valid Unicode; remove them and send it again")

    def __init__(self) -> None:
        super().__init__(self.words)


def normalise(text: str) -> str:
    """The text in NFC with LF line ends, no control characters but tab and LF, at most two blank lines in a row and no
    white space at the end of a line or of the text. More than 30 combining marks in a row are cut: no language needs
    them (the Stream-Safe Text Format, UAX #15 section 13), they bury the lines around them, and composing them takes
    quadratic time.

    Raises BadText for lone surrogates and for NUL.
    """
    if _INVALID.search(text):
        raise BadText
    seen = _UNSEEN.sub("", _LINE_END.sub("\n", text))
    composed = _STACKED_MARKS.sub(r"\1", unicodedata.normalize("NFC", _STACKED_MARKS.sub(r"\1", seen)))
    lines = "\n".join(line.rstrip() for line in composed.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", lines).rstrip()


def repaired(text: str) -> str:
    """Text that cannot be sent back to its author, made valid Unicode: lone surrogates and NUL become U+FFFD, other
    control characters go."""
    return _UNSEEN.sub("", _INVALID.sub("\ufffd", _LINE_END.sub("\n", text)))
