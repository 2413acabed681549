"""Which languages a post may say that it is in."""

from townsquare.kernel.text.language_names import LANGUAGES

_BY_LOWER = {code.lower(): code for code in LANGUAGES}


def valid_language(code: str) -> str | None:
    """The key of LANGUAGES for an ISO 639 code or a locale, or None for what is unknown or `und`.

    As Mastodon does, a region that has no entry of its own is dropped: "en_US" is "en", "zh-TW" stays.
    """
    lower = code.strip().replace("_", "-").lower()
    return _BY_LOWER.get(lower) or _BY_LOWER.get(lower.partition("-")[0])
