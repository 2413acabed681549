from datetime import UTC, datetime

import msgspec
import pytest

from townsquare.kernel.ids import AccountId
from townsquare.media.errors import BadFocus
from townsquare.media.model import (
    Attachment,
    Focus,
    MediaId,
    Sizes,
    State,
    dimensions,
    original_of,
    parse_focus,
    render,
)

HERE = "https://town.example"
PICTURE = Attachment(
    account_id=AccountId(1),
    id=MediaId(9007199254740993),
    status_id=None,
    kind="image",
    state=State.READY,
    file_key="attachments/ab/cd/abcd/original.jpg",
    preview_key="attachments/ab/cd/abcd/small.jpg",
    content_type="image/jpeg",
    remote_url=None,
    meta=Sizes(original_of((1200, 800)), dimensions((588, 392))),
    focus_x=0.10000000149011612,
    focus_y=-0.30000001192092896,
    description="A dog",
    blurhash="U#Heiyoeguov2rWpfjWpy5j?fkj[XPfQfjfj",
    size_bytes=9,
    created_at=datetime(2026, 1, 6, tzinfo=UTC),
)


def test_a_picture_is_shown_as_mastodon_shows_it() -> None:
    assert msgspec.json.decode(msgspec.json.encode(render(PICTURE, HERE))) == {
        "id": "9007199254740993",
        "type": "image",
        "url": "https://town.example/media/attachments/ab/cd/abcd/original.jpg",
        "preview_url": "https://town.example/media/attachments/ab/cd/abcd/small.jpg",
        "remote_url": None,
        "preview_remote_url": None,
        "meta": {
            "focus": {"x": 0.1, "y": -0.3},
            "original": {"width": 1200, "height": 800, "size": "1200x800", "aspect": 1.5},
            "small": {"width": 588, "height": 392, "size": "588x392", "aspect": 1.5},
        },
        "description": "A dog",
        "blurhash": "U#Heiyoeguov2rWpfjWpy5j?fkj[XPfQfjfj",
    }


def test_a_picture_of_another_server_is_shown_from_there() -> None:
    remote = msgspec.structs.replace(
        PICTURE, file_key=None, preview_key=None, remote_url="https://far.example/1.jpg", meta=Sizes(), description=None
    )
    shown = msgspec.json.decode(msgspec.json.encode(render(remote, HERE)))
    assert shown["url"] == shown["remote_url"] == "https://far.example/1.jpg"
    assert shown["preview_url"] is shown["description"] is None
    assert shown["meta"] == {"focus": {"x": 0.1, "y": -0.3}}


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        ("0.1,-0.3", Focus(0.1, -0.3)),
        ("0,0", Focus()),
        (" -1 , 1 ", Focus(-1, 1)),
        ("1.0,1.0", Focus(1, 1)),
        ("", None),
        ("  ", None),
    ],
)
def test_a_focus_is_two_numbers(text: str, focus: Focus | None) -> None:
    assert parse_focus(text) == focus


@pytest.mark.parametrize(
    "text", ["0.1", "0.1,0.2,0.3", "a,b", "nan,0", "0,inf", "1.1,0", "0,-2", ",", "1e999,0", "\0,0"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadFocus) as refusal:
        parse_focus(text)
    assert refusal.value.status == 422
    assert "0.1,-0.3" in refusal.value.text
