"""The key under which all spellings of a hashtag meet."""

import unicodedata

import regex

from townsquare.kernel.text.patterns import MAX_TAG

_NOT_IN_TAGS = regex.compile(r"[^\p{L}\p{M}\p{Nd}_·・\u200c]")
_LOOSE_MARKS = regex.compile(r"(?<=[a-z])\p{M}++")


def _plain_letters() -> dict[int, str]:
    """The letters of Latin-1 and Latin Extended-A, in lower case, to the ASCII letter that each is drawn upon."""
    drawn = {ord(one): plain for one, plain in zip("ðđħıĸłŋøŧ", "ddhiklnot", strict=True)}
    for code in range(0xC0, 0x180):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            drawn[code] = base
    return drawn


_PLAIN = _plain_letters()


def fold_tag(name: str) -> str:
    """The key of a hashtag, given without its "#": NFKC, case-folded, and the diacritics of Western and Central
    European letters dropped, so that "Café" and "cafe" are one tag. Mastodon folds the same letters (those of Latin-1
    and Latin Extended-A) and no others: the marks of other scripts tell words apart. What cannot stand in a tag is
    left out, so a name with nothing that can is folded to "". At most MAX_TAG code points.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name[:MAX_TAG]).casefold())
    composed = unicodedata.normalize("NFKC", _NOT_IN_TAGS.sub("", folded))
    return _LOOSE_MARKS.sub("", composed.translate(_PLAIN))[:MAX_TAG]
