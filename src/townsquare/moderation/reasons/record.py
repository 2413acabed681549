"""A statement of reasons as the European transparency database takes it (Regulation 2022/2065, articles 17 and 24(5)).

Field names, words and limits are those of its API (digital-services-act/transparency-database, StatementStoreRequest).
A record holds no personal data: nothing that anybody wrote, no name, no address.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

import msgspec

SHORT, EXPLAINED, FACTS = 500, 2000, 5000
"""Characters that fields may have."""
_PUID: Final = re.compile(r"[A-Za-z0-9_-]{1,500}")
_FIRST: Final = date(2000, 1, 1)
_LANGUAGE: Final = re.compile(r"[A-Z]{2}")


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One restriction. Dates are days (`2027-01-31`)."""

    puid: str
    decision_visibility: Sequence[str] = ()
    decision_provision: str | None = None
    decision_account: str | None = None
    decision_ground: str
    illegal_content_legal_ground: str | None = None
    illegal_content_explanation: str | None = None
    incompatible_content_ground: str | None = None
    incompatible_content_explanation: str | None = None
    content_type: Sequence[str]
    content_type_other: str | None = None
    category: str
    category_specification: Sequence[str] = ()
    category_specification_other: str | None = None
    content_language: str | None = None
    content_date: str
    application_date: str
    end_date_visibility_restriction: str | None = None
    end_date_account_restriction: str | None = None
    end_date_service_restriction: str | None = None
    decision_facts: str
    source_type: str
    automated_detection: str
    automated_decision: str


@cache
def vocabulary() -> Mapping[str, frozenset[str]]:
    """The words that fields may hold, by what they are for."""
    text = (resources.files("townsquare.moderation.reasons") / "vocabulary.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, frozenset[str]])


def faults(record: Record) -> list[str]:
    """What the database would refuse: the names of fields, each with why. None of it for a record that it takes."""
    return [*_words(record), *_together(record), *_lengths(record), *_forms(record)]


def _words(record: Record) -> Iterator[str]:
    known = vocabulary()
    fields: tuple[tuple[str, str, Sequence[str | None]], ...] = (
        ("decision_visibility", "DECISION_VISIBILITY", record.decision_visibility),
        ("decision_provision", "DECISION_PROVISION", [record.decision_provision]),
        ("decision_account", "DECISION_ACCOUNT", [record.decision_account]),
        ("decision_ground", "DECISION_GROUND", [record.decision_ground]),
        ("content_type", "CONTENT_TYPE", record.content_type),
        ("category", "STATEMENT_CATEGORY", [record.category]),
        ("category_specification", "KEYWORD", record.category_specification),
        ("source_type", "SOURCE", [record.source_type]),
        ("automated_decision", "AUTOMATED_DECISION", [record.automated_decision]),
    )
    for name, kind, given in fields:
        yield from (f"{name}: there is no {one}" for one in given if one is not None and one not in known[kind])
    if record.automated_detection not in ("Yes", "No"):
        yield "automated_detection: Yes or No"


def _together(record: Record) -> Iterator[str]:
    """Fields that ask for others."""
    if not (record.decision_visibility or record.decision_provision or record.decision_account):
        yield "decision_visibility: there must be a decision of some kind"
    wanted = (
        ("illegal_content_legal_ground", record.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT"),
        ("illegal_content_explanation", record.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT"),
        ("incompatible_content_ground", record.decision_ground == "DECISION_GROUND_INCOMPATIBLE_CONTENT"),
        ("incompatible_content_explanation", record.decision_ground == "DECISION_GROUND_INCOMPATIBLE_CONTENT"),
        ("content_type_other", "CONTENT_TYPE_OTHER" in record.content_type),
        ("category_specification_other", "KEYWORD_OTHER" in record.category_specification),
        ("content_type", True),
        ("decision_facts", True),
    )
    for name, needed in wanted:
        if bool(getattr(record, name)) != needed:
            yield f"{name}: {'is needed' if needed else 'does not belong here'}"


def _lengths(record: Record) -> Iterator[str]:
    most = {
        "illegal_content_explanation": EXPLAINED,
        "incompatible_content_explanation": EXPLAINED,
        "decision_facts": FACTS,
    }
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, str) and len(value) > most.get(name, SHORT):
            yield f"{name}: is too long"


def _forms(record: Record) -> Iterator[str]:
    if _PUID.fullmatch(record.puid) is None:
        yield "puid: letters, digits, hyphens and underscores"
    dates = [name for name in record.__struct_fields__ if name.endswith("_date") or name.startswith("end_date")]
    for name in dates:
        value = getattr(record, name)
        if value is not None and not _is_day(value):
            yield f"{name}: is no day, or too long ago"
    if record.content_language is not None and _LANGUAGE.fullmatch(record.content_language) is None:
        yield "content_language: two capital letters"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) > _FIRST
    except ValueError:
        return False
