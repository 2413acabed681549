"""The part of a notice that is made for programs: ARF (RFC 5965) and XARF (xarf.org).

XARF is read by the package of those who make it, which knows versions 3 and 4 and every kind of report. What it refuses
(a kind or a version that it does not know, a field that is missing) is a notice all the same: of that is taken what
stands there.
"""

import base64
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from functools import cache
from importlib import import_module
from typing import Any, Final, Protocol, cast

import msgspec
import structlog

_LISTS: Final = ("text/plain", "text/uri-list", "text/csv")
"""Evidence in which the addresses are what is reported: a page's source has those of all that it leads to."""

log = structlog.get_logger("notices")


class Said(msgspec.Struct, frozen=True):
    """What such a part says. `strings`: all that may have addresses in it."""

    type: str = ""
    reference: str = ""
    strings: Sequence[str] = ()


class _Evidence(Protocol):
    content_type: str
    payload: str


class _Report(Protocol):
    type: str
    evidence: Sequence[_Evidence] | None


class _Parsed(Protocol):
    report: _Report | None


def arf(message: Message) -> Said | None:
    """The fields of its second part."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            inner = cast("list[Message] | str", part.get_payload())
            fields = inner[0] if isinstance(inner, list) and inner else part
            values = [f"{name}: {value}" for name, value in fields.items()]
            return Said(str(fields.get("Feedback-Type", "")).strip(), "", values)
    return None


def xarf(data: bytes) -> Said | None:
    """Version 4 (`xarf_version`), and those before it (`Report`); None where it is neither."""
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        tree = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    fields = tree if "xarf_version" in tree else tree.get("Report")
    if not isinstance(fields, dict):
        return None
    fields = cast("dict[str, Any]", fields)
    # Of a report of version 3 the package makes one of version 4, with a reference of its own.
    reference = str(fields.get("report_id", fields.get("ReportID", "")))
    strings, report = list(_strings(tree)), _report(tree)
    if report is None:
        return Said(str(fields.get("type", fields.get("ReportType", ""))), reference, strings)
    return Said(report.type, reference, [*strings, *map(_listed, report.evidence or ())])


def _report(tree: Mapping[str, Any]) -> _Report | None:
    """None where the package has none to give."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of each report of version 3 it says that there is a version 4
            return _parse()(tree).report
    except Exception as error:  # noqa: BLE001 (of what is made up to break it it raises whatever comes to it)
        log.info("a report is not as XARF has it, and is read as it stands", error=repr(error))
        return None


@cache
def _parse() -> Callable[[Mapping[str, Any]], _Parsed]:
    """Loaded with the first report: it takes 28 MB, and most places never see one."""
    return cast("Callable[[Mapping[str, Any]], _Parsed]", import_module("xarf").parse)


def _listed(evidence: _Evidence) -> str:
    """The text of what is enclosed, which is in base64; what is not stands among the strings."""
    if evidence.content_type.partition(";")[0].strip().lower() not in _LISTS:
        return ""
    try:
        return base64.b64decode(evidence.payload, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def _strings(tree: object) -> Iterator[str]:
    match tree:
        case str():
            yield tree
        case dict():
            for value in cast("dict[str, object]", tree).values():
                yield from _strings(value)
        case list():
            for value in cast("list[object]", tree):
                yield from _strings(value)
        case _:
            pass
