"""People and posts that nobody wrote, for the style guide: the usual ones, and those at which layouts break."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import msgspec

from townsquare.accounts.faces import face_path
from townsquare.kernel.ids import AccountId

_WHEN: Final = "2026-01-06T08:15:00.000Z"
_HEADER: Final = "/static/header.png"
_FIRST: Final = 1000
LONG_WORD: Final = "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 210
"""Ten thousand characters without a place to break."""
HOSTILE: Final = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><style>*{display:none}</style></p></article></main>"
)
MIXED: Final = (
    "السوق مفتوح اليوم حتى الساعة 18:00 – the market is open, המקום ליד הבאר, 市場は今日も開いています。 "
    "Рынок открыт, ตลาดเปิดแล้ว, बाज़ार खुला है, 시장이 열렸어요 — and back to English."
)
EMOJI: Final = "🎉🎈🥳👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀🇺🇦🦊🌋🍉" * 4


def account(number: int, name: str, username: str, **more: object) -> dict[str, object]:
    """The entity Account."""
    face = f"/{face_path(AccountId(number))}"
    usual: dict[str, object] = {
        "id": str(number),
        "username": username,
        "acct": username,
        "display_name": name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": True,
        "group": False,
        "created_at": _WHEN,
        "note": "<p>Reads a lot, rows sometimes.</p>",
        "url": f"/@{username}",
        "uri": f"/@{username}",
        "avatar": face,
        "avatar_static": face,
        "avatar_description": "",
        "header": _HEADER,
        "header_static": _HEADER,
        "header_description": "",
        "followers_count": 1234,
        "following_count": 56,
        "statuses_count": 7_890_123,
        "last_status_at": None,
        "hide_collections": False,
        "noindex": False,
        "emojis": [],
        "fields": [],
        "roles": [],
    }
    return usual | more


NORA: Final = account(1, "Nora Lindqvist", "nora")
BOT: Final = account(2, "Line 7", "line7", bot=True)
LENGTHY: Final = account(3, "Prof. Dr. " + "Wolfeschlegelsteinhausenbergerdorff" * 3, "w" * 30)
AMIRA: Final = account(4, "أميرة السوق", "amira")
PEOPLE: Final = (NORA, BOT, LENGTHY, AMIRA)


def encoded(entity: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(entity)


def picture(number: int, width: int = 1200, height: int = 800, description: str = "A grey ground") -> dict[str, object]:
    """The entity MediaAttachment."""
    size = {"width": width, "height": height}
    meta = {"original": size, "small": size, "focus": {"x": 0.0, "y": 0.0}}
    return {
        "id": str(number),
        "type": "image",
        "url": _HEADER,
        "preview_url": _HEADER,
        "remote_url": None,
        "description": description,
        "blurhash": None,
        "meta": meta,
    }


def status(number: int, words: str, *, html: str = "", by: Mapping[str, object] = NORA, **more: object) -> bytes:
    """The entity Status; `reblog` comes last, as in those that are stored."""
    name = by["acct"]
    usual: dict[str, object] = {
        "id": str(_FIRST + number),
        "created_at": _WHEN,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"/@{name}/{_FIRST + number}",
        "url": f"/@{name}/{_FIRST + number}",
        "replies_count": 3,
        "reblogs_count": 0,
        "favourites_count": 12_345,
        "quotes_count": 0,
        "edited_at": None,
        "content": html or f"<p>{escape(words)}</p>",
        "account": by,
        "application": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        "filtered": [],
        "favourited": False,
        "reblogged": False,
        "bookmarked": False,
        "muted": False,
    }
    return msgspec.json.encode(usual | more | {"reblog": None})


def _poll(number: int, *, own: bool) -> dict[str, object]:
    """The entity Poll: open to choose, or over."""
    options = [{"title": title, "votes_count": count} for title, count in (("Green", 12), (LONG_WORD[:50], 3))]
    return {
        "id": str(number),
        "expires_at": _WHEN,
        "expired": own,
        "multiple": False,
        "votes_count": 15,
        "voters_count": 15,
        "options": options,
        "emojis": [],
        "voted": own,
        "own_votes": [0] if own else [],
    }


def _quote(state: str, quoted: bytes | None) -> dict[str, object]:
    """The entity Quote."""
    return {"state": state, "quoted_status": msgspec.json.decode(quoted) if quoted else None}


def usual() -> Sequence[bytes]:
    """Posts as they mostly are."""
    filtered = {"filter": {"id": "1", "title": "Football", "context": ["home"], "filter_action": "warn"}}
    card = {
        "url": "https://example.org/weir",
        "title": "The weir is repaired",
        "description": "After three years of work the water is back where it was, and so are the herons.",
        "type": "link",
        "author_name": "",
        "provider_name": "The Alder Gazette",
        "image": None,
        "image_description": "",
        "width": 0,
        "height": 0,
    }
    linked = (
        '<p>Look: <a href="/tags/market" class="mention hashtag" rel="tag">#market</a>, <a href="/@nora" '
        'class="u-url mention">@nora</a>, and <a href="https://example.org/">example.org</a>.</p>'
        "<p>A second paragraph, with <code>code</code> in it.</p><blockquote><p>What somebody said.</p></blockquote>"
        "<ul><li>One</li><li>Two</li></ul>"
    )
    return (
        status(
            1, "The bakery has the dark bread again.", favourited=True, reblogged=True, bookmarked=True, reblogs_count=7
        ),
        status(2, "", html=linked, edited_at=_WHEN, by=BOT),
        status(3, "Everybody lives, and the dog too.", spoiler_text="The end of the film"),
        status(4, "One", media_attachments=[picture(41)]),
        status(5, "Two", media_attachments=[picture(51), picture(52, description="")]),
        status(6, "Three", media_attachments=[picture(61), picture(62), picture(63)]),
        status(7, "Four", media_attachments=[picture(71), picture(72), picture(73), picture(74)]),
        status(8, "Covered", media_attachments=[picture(81)], sensitive=True),
        status(9, "What a goal.", filtered=[filtered]),
        status(10, "For those who follow me.", visibility="private"),
        status(11, "For you alone.", visibility="direct"),
        status(12, "It is done.", card=card, visibility="unlisted"),
        status(13, "Which colour for the benches?", poll=_poll(131, own=False)),
        status(14, "And which for the bins?", poll=_poll(141, own=True)),
        status(15, "Well said.", quote=_quote("accepted", status(151, "Benches are for sitting.", by=BOT))),
        status(17, "Somebody should do something about them.", moderation=_said("label")),
        status(18, "Look at this.", moderation=_said("warning"), spoiler_text="Graphic pictures", sensitive=True),
        status(19, "I take that back.", moderation=_said("remove")),
        status(16, "This was well said, too.", quote=_quote("deleted", None)),
    )


def _said(action: str) -> Mapping[str, object]:
    """What the place says of a post."""
    notices = [{"action": action, "policy": "graphic", "name": "Graphic pictures"}]
    return {"notices": notices, "spoiler_text": "", "sensitive": False}


def strange() -> Sequence[bytes]:
    """Posts at which layouts break."""
    return (
        status(30, LONG_WORD, by=LENGTHY),
        status(31, MIXED, language=None),
        status(32, EMOJI, language=None),
        status(33, HOSTILE),
        status(34, "السوق مفتوح اليوم. تعالوا قبل المطر!", by=AMIRA, language="ar"),
        status(35, "Cover", spoiler_text=LONG_WORD[:500]),
        status(36, "Ź̷̢̛a̷̡̛l̸̨͝g̶̢͠o̵̧͝ ̸̢͝c̷̨͝o̸̢͠m̵̧͝e̷̢͝s̸̨͠ " * 12),
        status(37, "https://example.org/" + "a/very/long/way/" * 30),
    )


def from_right() -> Sequence[bytes]:
    """Posts for a page that runs from right to left."""
    return (
        status(50, "صباح الخير! الخبز الأسود عاد إلى المخبز.", by=AMIRA, language="ar", favourited=True),
        status(51, "The bakery has the dark bread again.", by=LENGTHY),
        status(52, "صور من السوق", by=AMIRA, language="ar", media_attachments=[picture(521), picture(522)]),
    )
