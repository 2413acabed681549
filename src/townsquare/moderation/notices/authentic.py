"""Whether a message comes from the domain that it names, as a mail server of the place has found (RFC 8601).

A `From` line proves nothing. What does is what the mail server that takes messages in writes into them: the results of
DMARC, DKIM and SPF, under its own name. Whatever else claims to be such a result was written by whoever sent it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from typing import Final

import msgspec

_PIECE: Final = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<comment>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))|(?P<plain>[^"()]+)|."""
)
_RESULT: Final = re.compile(r"\s*([\w-]+)\s*=\s*(\w+)\s*(.*)", re.DOTALL)
_PROPERTY: Final = re.compile(r"(?:^|\s)((?:header|smtp)\.[\w-]+)\s*=\s*([^\s;]+)", re.IGNORECASE)
_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.from"),
}
"""Of each method, in which property the domain stands that it speaks of; the first that is there counts."""


class _Result(msgspec.Struct, frozen=True):
    method: str
    outcome: str
    domain: str


def is_authentic(message: Message, domain: str, server: str) -> bool:
    """Whether the mail server of this name vouches that a message is from a domain; "": none does.

    One method that passes for the domain, or one above it, is enough, unless DMARC says that it is not.
    """
    alone = len(message.get_all("From", [])) == 1
    found = list(_results(message, server)) if server and domain and alone else []
    if any(one.method == "dmarc" and one.outcome == "fail" and _covers(one.domain, domain) for one in found):
        return False
    return any(one.outcome == "pass" and _covers(one.domain, domain) for one in found)


def _covers(proven: str, domain: str) -> bool:
    return domain == proven or ("." in proven and domain.endswith(f".{proven}"))


def _results(message: Message, server: str) -> Iterator[_Result]:
    for header in message.get_all("Authentication-Results", []):
        name, *said = _plain(" ".join(str(header).split())).split(";")
        if name.partition(" ")[0].strip().lower() != server.lower():
            continue
        for one in said:
            if found := _RESULT.match(one):
                method = found[1].lower()
                told = {key.lower(): value for key, value in _PROPERTY.findall(found[3])}
                domain = next((_domain(told[key]) for key in _NAMES.get(method, ()) if key in told), "")
                yield _Result(method, found[2].lower(), domain)


def _plain(text: str) -> str:
    """Without comments, and with nothing in what is quoted that could be taken for another result: a stranger may have
    written both. Empty where it cannot be read.
    """
    pieces: list[str] = []
    for found in _PIECE.finditer(text):
        if found["quoted"]:
            pieces.append(re.sub(r"[\s;=\"\\]", "_", found["quoted"][1:-1]))
        elif found["plain"]:
            pieces.append(found["plain"])
        elif not found["comment"]:
            return ""
    return "".join(pieces).strip()


def _domain(value: str) -> str:
    return value.rpartition("@")[2].strip("<>").rstrip(".").lower()
