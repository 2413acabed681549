"""What a mention, a hashtag, a link and an emoji shortcode look like, after Mastodon's own rules.

Every repetition is possessive or ends at a character that it cannot contain, so that matching never goes back over
what it has read: the cost stays linear on hostile text. Letter cases are spelt out, because ignoring case lets the
Kelvin sign pass for a "k".
"""

import regex

MAX_URL = 4096
MAX_DOMAIN = 253
MAX_TAG = 200

_LETTER = r"\p{L}\p{M}\p{Nd}"
_WORD = rf"{_LETTER}\p{{Pc}}"
_SEPARATOR = r"·・\u200c"

# A host has a dot and ends in a top-level domain of one alphabet, so that text of another alphabet may follow it
# without a space. It has no more labels than DNS allows (127), because they are gone back over one by one. Names and
# addresses of the own machine are for those who try the service out.
_LOOPBACK = r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_HOST = rf"""(?:
    {_LOOPBACK}
    | \d{{1,3}}(?:\.\d{{1,3}}){{3}}
    | (?:[{_LETTER}][{_LETTER}_-]*+\.){{1,126}}
      (?:xn--[A-Za-z0-9-]++ | [A-Za-z]{{2,63}}+ | [[\p{{L}}\p{{M}}]--[A-Za-z]]{{2,63}}+)
)(?!\.?[A-Za-z0-9@+_-])"""

# In a path, parentheses count only in pairs, at most one within another.
_PATH = r'[^\s<>()"\p{Bidi_Control}\p{Cc}]'
_URL = rf"""(?<![A-Za-z0-9@\uff20$\#\uff03])
    [Hh][Tt][Tt][Pp][Ss]?://{_HOST} (?: :\d{{1,5}}+ )?+
    (?: (?=[/?\#]) (?: {_PATH}++ | \( (?: {_PATH}++ | \({_PATH}*+\) )*+ \) )*+ )?+"""

_MENTION = rf"""(?<![=/{_WORD}])
    @(?P<username>[A-Za-z0-9_]++ (?: [.-]++ [A-Za-z0-9_]++ )*+)
    (?: @(?P<domain> (?:{_LOOPBACK}):\d{{1,5}}+ | [{_WORD}]++ (?: [.-]++ [{_WORD}]++ )*+ ) )?+
    (?!@ | \uff20 | :// | \p{{Latin}})"""

_TAG = rf"(?<![=/){_WORD}])[\#\uff03](?P<tag>[[{_WORD}]--\p{{M}}][{_WORD}{_SEPARATOR}]*+)"

_EMOJI = r"(?<![\p{Alnum}:]):(?P<shortcode>[A-Za-z0-9_]{2,128}+):(?![\p{Alnum}:])"

ENTITY = regex.compile(
    rf"(?P<url>{_URL}) | (?P<mention>{_MENTION}) | (?P<hashtag>{_TAG}) | (?P<emoji>{_EMOJI})",
    regex.VERBOSE | regex.VERSION1,
)

NOT_ONLY_DIGITS = regex.compile(rf"\p{{L}}|\p{{Nd}}.*[\p{{Pc}}{_SEPARATOR}].*\p{{Nd}}")

# What ends a sentence, closes a quotation or marks emphasis is not part of the link before it.
AFTER_URL = "!*'\"<>;:,.$%[]~&|@?…、。，．；：！？「」『』（）〈〉《》【】‘’“”«»"  # noqa: RUF001 (full-width signs are meant)
