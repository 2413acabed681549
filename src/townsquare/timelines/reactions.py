"""Emojis with which people react."""

import unicodedata
from typing import Final

import msgspec
import regex

_PART: Final = r"\p{Emoji}(?:\p{Emoji_Modifier}|\uFE0F\u20E3?|[\U000E0020-\U000E007E]+\U000E007F)?"
_EMOJI: Final = regex.compile(rf"\p{{RI}}\p{{RI}}|{_PART}(?:\u200D{_PART})*")
_PICTURE: Final = regex.compile(r"\p{Extended_Pictographic}|\p{RI}|\u20E3")
_TEXT_FIRST: Final = regex.compile(r"\P{Emoji_Presentation}")
LONGEST: Final = 40
AS_PICTURE: Final = "\ufe0f"


class Reaction(msgspec.Struct, frozen=True):
    """Mastodon's Reaction entity."""

    name: str
    count: int
    me: bool | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET
    static_url: str | msgspec.UnsetType = msgspec.UNSET


def reaction_name(text: str) -> str | None:
    """One emoji (Unicode Technical Standard 51, section 1.4.9) in the one form in which it is counted; None for others.

    What is a sign of the text unless asked for as a picture, such as a heart, is asked for as a picture.
    """
    name = unicodedata.normalize("NFC", text)
    if len(name) > LONGEST or not _EMOJI.fullmatch(name) or not _PICTURE.search(name):
        return None
    return name + AS_PICTURE if len(name) == 1 and _TEXT_FIRST.fullmatch(name) else name
