"""Which languages a post may say that it is in."""

import re
from typing import Final

from townsquare.kernel.text.language_names import LANGUAGES

_RENAMED: Final = {"iw": "he", "in": "id", "ji": "yi"}
"""Codes of ISO 639 until 1989, which phones still send."""
_BY_LOWER: Final = {code.lower(): code for code in LANGUAGES} | _RENAMED
_CODE: Final = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)


def valid_language(code: str) -> str | None:
    """The key of LANGUAGES for an ISO 639 code or a locale, or None for what is unknown or `und`.

    As Mastodon does, a region that has no entry of its own is dropped: "en_US" is "en", "zh-TW" stays.
    """
    lower = code.strip().replace("_", "-").lower()
    return _BY_LOWER.get(lower) or _BY_LOWER.get(lower.partition("-")[0])


def is_language_code(text: str) -> bool:
    """Whether this has the form of a language's code (BCP 47), also of one that is unknown here."""
    return _CODE.fullmatch(text.strip()) is not None
