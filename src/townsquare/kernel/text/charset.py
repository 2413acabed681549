"""Bytes of a page as text, in the order in which browsers decide (https://html.spec.whatwg.org/#determining-the-character-encoding)."""

import codecs
import re
from typing import Final

_SEARCHED: Final = 4096
"""Bytes in which a page says its encoding; the standard has 1,024, and browsers look a little further."""
_DECLARED: Final = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_XML: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.-]{1,40})""", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MEANT: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""What pages mean by a name that Python takes more strictly (https://encoding.spec.whatwg.org/#names-and-labels)."""
_ALIASES: Final = {"x-sjis": "cp932", "windows-874": "cp874", "x-euc-jp": "euc_jp", "x-gbk": "gb18030"}
_OF_TEXT: Final = re.compile(r"(?:utf-(?:8|16)|ascii|iso8859|iso2022_jp|cp\d|koi8|gb|hz|big5|euc|shift|johab|mac|tis)")
"""How the names of Python's codecs for text begin; others would unpack, or run what a page says."""


def decoded(body: bytes, said: str = "") -> str:
    """The page as text. `said`: what the answer's header calls its encoding. Bytes that are wrong become U+FFFD."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    start = body[:_SEARCHED]
    declared = _DECLARED.search(start) or _XML.search(start)
    for name in (said, declared[1].decode("ascii") if declared else ""):
        encoding = _known(name)
        if encoding is not None:
            return body.decode(encoding, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body)  # a page that was cut off may end within a letter
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _known(name: str) -> str | None:
    """Python's codec for a name; None for what is unknown, or is not one of text."""
    label = name.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(label, label)).name
    except (LookupError, ValueError):
        return None
    if _OF_TEXT.match(found) is None:
        return None
    return "utf-16-le" if found == "utf-16" else _MEANT.get(found, found)
