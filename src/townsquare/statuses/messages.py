"""Direct posts in the database: what they say is sealed with keys outside of it (docs/decisions/029-at-rest.md).

A piece of text is replaced by a mark and what it was, sealed and in base64. The mark is a control character, which no
text has that people write (`kernel.text.normalise`), so a piece is known wherever it stands, also in the middle of
others, and what is not sealed costs a look for the mark. A body begins with the byte that sealed data begins with; that
of any other post begins with a quotation mark. Who may see a post is asked as ever, of columns that stay open.
"""

import base64
import re
from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec

from townsquare.kernel.keyring import Keyring
from townsquare.statuses.model import Visibility

T = TypeVar("T", bound=msgspec.Struct)

MARK: Final = "\x01"
DIRECT: Final = int(Visibility.DIRECT)
_PIECE: Final = re.compile(MARK + r"([A-Za-z0-9+/=]+)")
_SEALED: Final = b"\x01"


def about(account_id: int, status_id: int) -> str:
    """What the pieces of a post are bound to."""
    return f"post:{account_id}:{status_id}"


def close(keys: Keyring, of: str, text: str) -> str:
    """A piece of text as it is kept. Nothing stays nothing."""
    if not text:
        return text
    return MARK + base64.b64encode(keys.seal("messages", text.encode(), of)).decode()


def opened(keys: Keyring, of: str, text: str) -> str:
    """A text with the pieces in it as they were; the text itself where there are none."""
    if MARK not in text:
        return text
    return _PIECE.sub(lambda found: keys.open("messages", base64.b64decode(found[1]), of).decode(), text)


def opened_fields(keys: Keyring, of: str, row: T) -> T:
    """A row of which some fields may be pieces."""
    changed = {
        name: opened(keys, of, value)
        for name in row.__struct_fields__
        if isinstance(value := getattr(row, name), str) and MARK in value
    }
    return msgspec.structs.replace(row, **changed) if changed else row


def close_all(keys: Keyring, of: str, texts: Sequence[str]) -> list[str]:
    return [close(keys, of, text) for text in texts]


def opened_all(keys: Keyring, of: str, texts: Sequence[str]) -> list[str]:
    return [opened(keys, of, text) for text in texts]


def close_json(keys: Keyring, of: str, value: object) -> str:
    """Something as it is kept where JSON stands: a text, encoded."""
    return msgspec.json.encode(close(keys, of, msgspec.json.encode(value).decode())).decode()


def opened_json(keys: Keyring, of: str, value: Any) -> Any:
    """What was closed by `close_json`; anything else as it is."""
    if isinstance(value, str) and value.startswith(MARK):
        return msgspec.json.decode(opened(keys, of, value))
    return value


def close_body(keys: Keyring, of: str, body: bytes) -> bytes:
    """The stored JSON of a post."""
    return keys.seal("messages", body, of) if body else body


class Said(Protocol):
    """What of a post people wrote, and its stored JSON."""

    @property
    def text(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def spoiler_text(self) -> str: ...
    @property
    def body(self) -> bytes: ...


def closed_fields(keys: Keyring, of: str, post: Said) -> dict[str, Any]:
    """These fields of a direct post as they are kept."""
    return {
        "text": close(keys, of, post.text),
        "content": close(keys, of, post.content),
        "spoiler_text": close(keys, of, post.spoiler_text),
        "body": close_body(keys, of, post.body),
    }


def is_closed(body: bytes) -> bool:
    return body.startswith(_SEALED)


def opened_body(keys: Keyring, of: str, body: bytes) -> bytes:
    return keys.open("messages", body, of) if is_closed(body) else body
