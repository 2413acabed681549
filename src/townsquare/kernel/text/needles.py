"""Words that somebody does not want to read, looked for in texts."""

from collections.abc import Iterable

import msgspec
import regex


class Needle(msgspec.Struct, frozen=True):
    """A keyword ready to be looked for in case-folded text; `whole` where it must stand as a word."""

    keyword: str
    folded: str
    whole: regex.Pattern[str] | None

    def within(self, folded: str) -> bool:
        return self.folded in folded and (self.whole is None or self.whole.search(folded) is not None)


def needle(keyword: str, *, whole_word: bool) -> Needle:
    """Word boundaries as Mastodon sets them: only at an end of the keyword that is itself part of a word."""
    folded = keyword.casefold()
    if not whole_word:
        return Needle(keyword, folded, None)
    before = r"(?<!\w)" if regex.match(r"\w", folded) else ""
    after = r"(?!\w)" if regex.search(r"\w\Z", folded) else ""
    return Needle(keyword, folded, regex.compile(before + regex.escape(folded) + after))


def has_any(text: str, keywords: Iterable[str]) -> bool:
    """Whether one of the keywords stands in the text as a word."""
    folded = text.casefold()
    return any(needle(keyword, whole_word=True).within(folded) for keyword in keywords if keyword.casefold() in folded)
