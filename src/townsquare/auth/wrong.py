"""What is wrong with a form: every error of every field at once, in the shape that Mastodon's apps show beside it."""

from collections.abc import Iterable

from townsquare.accounts.model import Wrong
from townsquare.kernel.errors import Invalid
from townsquare.kernel.words import Words

BLANK: Wrong = ("ERR_BLANK", Words("can't be blank"))
TAKEN: Wrong = ("ERR_TAKEN", Words("has already been taken"))


def too_long(most: int) -> Wrong:
    return "ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=most)


def too_short(least: int) -> Wrong:
    return "ERR_TOO_SHORT", Words("is too short (minimum is %(num)s characters)", num=least)


def invalid(wrong: Iterable[tuple[str, Wrong]]) -> Invalid:
    """The error of (field, what is wrong with it) pairs: a sentence for people, `details` for programs."""
    details: dict[str, list[dict[str, str]]] = {}
    sentences: list[str] = []
    for field, (code, words) in wrong:
        details.setdefault(field, []).append({"error": code, "description": words})
        sentences.append(f"{field.replace('_', ' ').capitalize()} {words}")
    return Invalid(f"Validation failed: {', '.join(sentences)}", details=details)
