"""What people do to a text that they post again and again, so that it does not look the same."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

_LEET: Final[Mapping[str, str]] = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7+"}
_ALIKE: Final[Mapping[str, str]] = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "x": "х", "y": "у"}  # noqa: RUF001 (Cyrillic on purpose)
_EMOJIS: Final = "🔥💯👀😂🙏⚡🚨🤡"
_NAMES: Final = ("news", "mayor", "anna_k", "the.club", "tom77", "square")
Change = Callable[[str, Random], str]


def disguised(text: str, chance: Random) -> str:
    """The text with one to three changes."""
    for change in chance.sample(CHANGES, chance.choice((1, 1, 2, 2, 3))):
        text = change(text, chance)
    return text


def _leet(text: str, chance: Random) -> str:
    return _replaced(text, _LEET, chance)


def _homoglyphs(text: str, chance: Random) -> str:
    return _replaced(text, _ALIKE, chance)


def _replaced(text: str, table: Mapping[str, str], chance: Random) -> str:
    share = chance.uniform(0.1, 0.6)
    return "".join(chance.choice(table[one]) if one in table and chance.random() < share else one for one in text)


def _emoji(text: str, chance: Random) -> str:
    words = text.split(" ")
    for _ in range(chance.choice((1, 1, 2, 3))):
        words.insert(chance.randrange(len(words) + 1), chance.choice(_EMOJIS))
    return " ".join(words)


def _mention(text: str, chance: Random) -> str:
    named = " ".join(f"@{chance.choice(_NAMES)}" for _ in range(chance.choice((1, 2, 3))))
    return f"{named} {text}" if chance.random() < 0.5 else f"{text} {named}"


def _link(text: str, chance: Random) -> str:
    return f"{text} https://{chance.choice(_NAMES)}.example/{chance.randrange(10**6)}"


def _spacing(text: str, chance: Random) -> str:
    words = text.split(" ")
    at = chance.randrange(len(words))
    words[at] = chance.choice((" ", ".", "-")).join(words[at])
    return " ".join(words)


def _repeated(text: str, chance: Random) -> str:
    return f"{text}{text[-1:] * chance.randrange(1, 5)}{chance.choice(('', '!!', '...'))}"


def _reworded(text: str, chance: Random) -> str:
    """A word less, or two that change places: what no normal form takes back."""
    words = text.split(" ")
    if len(words) < 5:
        return text
    at = chance.randrange(len(words) - 1)
    if chance.random() < 0.5:
        return " ".join(words[:at] + words[at + 1 :])
    words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


CHANGES: Final[Sequence[Change]] = (
    _leet, _homoglyphs, _emoji, _mention, _link, _spacing, _repeated, _reworded,
)  # fmt: skip
