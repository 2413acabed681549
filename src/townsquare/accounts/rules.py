"""What a profile may say. Each rule gives the text in the form in which it is kept, or raises Invalid."""

import re
from collections.abc import Sequence

import regex

from townsquare.accounts.model import (
    ATTRIBUTION_DOMAINS,
    DISPLAY_NAME_LENGTH,
    FIELD_LENGTH,
    FIELDS,
    NOTE_LENGTH,
    Field,
    invalid,
)
from townsquare.kernel.text import BadText, longer_than, normalise
from townsquare.kernel.words import Words

DESCRIPTION_LENGTH = 1500
_CLUSTER = regex.compile(r"\X")
_LARGEST_CLUSTER = 8
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def check_display_name(name: str) -> str:
    """One line of at most 30 characters as people see them."""
    line = " ".join(_normal("display_name", name).split())
    if _longer(line, DISPLAY_NAME_LENGTH):
        raise invalid("display_name", _too_long(DISPLAY_NAME_LENGTH))
    return line


def check_note(note: str) -> str:
    """At most 500 characters, counted as in a post."""
    text = _normal("note", note).strip()
    if longer_than(text, NOTE_LENGTH):
        raise invalid("note", _too_long(NOTE_LENGTH))
    return text


def check_description(field: str, text: str) -> str:
    """What a picture shows."""
    description = _normal(field, text).strip()
    if _longer(description, DESCRIPTION_LENGTH):
        raise invalid(field, _too_long(DESCRIPTION_LENGTH))
    return description


def check_fields(given: Sequence[tuple[str, str]], before: Sequence[Field]) -> list[Field]:
    """Names and values as fields, without the empty ones. A field stays verified while its value stays."""
    verified = {field.value: field.verified_at for field in before}
    fields: list[Field] = []
    for name, value in given:
        field = Field(" ".join(_normal("fields", name).split()), " ".join(_normal("fields", value).split()))
        if not field.name and not field.value:
            continue
        if not field.name:
            raise invalid("fields", ("ERR_INVALID", Words("with values must have a name")))
        if _longer(field.name, FIELD_LENGTH) or _longer(field.value, FIELD_LENGTH):
            raise invalid(
                "fields", ("ERR_TOO_LONG", Words("are too long (maximum is %(num)s characters)", num=FIELD_LENGTH))
            )
        fields.append(Field(field.name, field.value, verified.get(field.value)))
    if len(fields) > FIELDS:
        raise invalid("fields", ("ERR_TOO_MANY", Words("are too many (maximum is %(num)s)", num=FIELDS)))
    return fields


def check_attribution_domains(given: Sequence[str]) -> list[str]:
    """Domains whose articles may name this account as their author; addresses are cut down to their domain."""
    domains = [_bare_domain(text) for text in given if text.strip()]
    wrong = [domain for domain in domains if not is_domain(domain)]
    if wrong:
        raise invalid(
            "attribution_domains", ("ERR_INVALID", Words("has what is not a domain: %(what)s", what=wrong[0][:100]))
        )
    if len(domains) > ATTRIBUTION_DOMAINS:
        raise invalid(
            "attribution_domains", ("ERR_TOO_MANY", Words("are too many (maximum is %(num)s)", num=ATTRIBUTION_DOMAINS))
        )
    return list(dict.fromkeys(domains))


def is_domain(text: str) -> bool:
    """Whether this is a domain name in lower case, in ASCII."""
    return _DOMAIN.fullmatch(text) is not None


def _bare_domain(text: str) -> str:
    return text.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")[0].removeprefix("*.")


def _normal(field: str, text: str) -> str:
    try:
        return normalise(text)
    except BadText as error:
        raise invalid(field, ("ERR_INVALID", Words("has characters that are not valid Unicode"))) from error


def _longer(text: str, limit: int) -> bool:
    """Whether the text has more grapheme clusters than the limit."""
    if len(text) <= limit:
        return False
    return len(text) > limit * _LARGEST_CLUSTER or len(_CLUSTER.findall(text)) > limit


def _too_long(limit: int) -> tuple[str, str]:
    return "ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=limit)
