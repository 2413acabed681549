"""What the place says of itself to apps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.support.square import SETTINGS, Square, town
from townsquare.api.instance import registrations
from townsquare.auth.terms import publish_document
from townsquare.db.pool import Database
from townsquare.kernel.settings import Look, Settings, SignUp, SignUpMode

CONFIGURATION: dict[str, dict[str, type]] = {
    "accounts": {
        "max_display_name_length": int, "max_note_length": int, "max_avatar_description_length": int,
        "max_header_description_length": int, "max_featured_tags": int, "max_pinned_statuses": int,
        "max_profile_fields": int, "profile_field_name_limit": int, "profile_field_value_limit": int,
    },
    "statuses": {"max_characters": int, "max_media_attachments": int, "characters_reserved_per_url": int},
    "media_attachments": {
        "supported_mime_types": list, "description_limit": int, "image_size_limit": int, "image_matrix_limit": int,
        "video_size_limit": int, "video_frame_rate_limit": int, "video_matrix_limit": int,
    },
    "polls": {"max_options": int, "max_characters_per_option": int, "min_expiration": int, "max_expiration": int},
}  # fmt: skip


async def get(square: Square, path: str) -> Any:
    answer = await square.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def check_configuration(configuration: dict[str, Any]) -> None:
    for part, fields in CONFIGURATION.items():
        for name, kind in fields.items():
            assert isinstance(configuration[part][name], kind), name


async def test_the_instance_is_whole(square: Square) -> None:
    ann = await square.person("ann", role="owner")
    instance = await get(square, "/api/v2/instance")

    assert (instance["domain"], instance["title"]) == ("town.example", "Townsquare")
    assert instance["version"].startswith("4.")
    assert "Townsquare" in instance["version"]
    assert instance["usage"]["users"]["active_month"] >= 0
    assert instance["contact"]["account"]["id"] == str(ann.id)
    assert instance["registrations"] == {
        "enabled": True, "approval_required": False, "reason_required": False, "min_age": 16,
        "message": None, "url": None,
    }  # fmt: skip
    check_configuration(instance["configuration"])
    assert instance["configuration"]["statuses"]["max_characters"] == 1000
    assert "image/heic" in instance["configuration"]["media_attachments"]["supported_mime_types"]
    assert instance["configuration"]["urls"] == {
        "streaming": "wss://town.example", "status": None, "about": "https://town.example/about",
        "privacy_policy": None, "terms_of_service": None,
    }  # fmt: skip
    assert instance["configuration"]["vapid"]["public_key"]
    assert instance["configuration"]["timelines_access"]["live_feeds"] == {"local": "public", "remote": "public"}
    assert instance["configuration"]["limited_federation"] is False
    assert instance["api_versions"]["mastodon"] > 0
    assert (instance["rules"], instance["languages"], instance["icon"], instance["wrapstodon"]) == (
        [],
        ["en"],
        [],
        None,
    )
    for name in ("source_url", "description", "thumbnail", "contact"):
        assert instance[name]


async def test_the_place_shows_its_own_pictures(db: Database, tmp_path: Path) -> None:
    own = Look(icon="look/1/icon.png", banner="look/2/banner.webp", picture="look/3/picture.jpg")
    media = "https://town.example/media/look"
    for look, thumbnail in (
        (own, f"{media}/3/picture.jpg"),
        (structs.replace(own, picture=""), f"{media}/2/banner.webp"),
    ):
        async with town(db, tmp_path, structs.replace(SETTINGS, look=look)) as square:
            instance = await get(square, "/api/v2/instance")
            assert instance["thumbnail"]["url"] == (await get(square, "/api/v1/instance"))["thumbnail"] == thumbnail
            assert {one["size"]: one["src"] for one in instance["icon"]} == {
                "48x48": f"{media}/1/tiny.png", "180x180": f"{media}/1/apple.png",
                "192x192": f"{media}/1/small.png", "512x512": f"{media}/1/large.png",
            }  # fmt: skip


async def test_the_old_form_is_whole(square: Square) -> None:
    await square.person("ann", role="owner")
    instance = await get(square, "/api/v1/instance")

    assert instance["uri"] == "town.example"
    assert instance["urls"] == {"streaming_api": "wss://town.example"}
    assert set(instance["stats"]) == {"user_count", "status_count", "domain_count"}
    assert (instance["registrations"], instance["approval_required"], instance["invites_enabled"]) == (
        True,
        False,
        False,
    )
    assert instance["contact_account"]["username"] == "ann"
    check_configuration(instance["configuration"])
    for name in ("title", "short_description", "description", "version", "thumbnail", "languages"):
        assert instance[name]
    assert (instance["email"], instance["rules"]) == ("", [])


@pytest.mark.parametrize(
    ("mode", "enabled", "asks", "invites"),
    [("approval", True, True, False), ("invite", False, False, True), ("closed", False, False, False)],
)
def test_how_one_signs_up(mode: str, enabled: bool, asks: bool, invites: bool) -> None:
    told = registrations(Settings(sign_up=SignUp(mode=SignUpMode(mode), minimum_age=0)))
    assert (told.enabled, told.approval_required, told.reason_required, told.min_age) == (enabled, asks, asks, None)
    assert (told.message is not None) == invites


async def test_rules_in_their_order(square: Square) -> None:
    await square.db.execute(
        """
        INSERT INTO rules (id, position, text, hint, deleted_at) VALUES
            (1, 2, 'Be kind', 'Always', NULL), (2, 1, 'No spam', '', NULL), (3, 0, 'Gone', '', now())
        """
    )
    rules = [
        {"id": "2", "text": "No spam", "hint": "", "translations": {}},
        {"id": "1", "text": "Be kind", "hint": "Always", "translations": {}},
    ]
    assert await get(square, "/api/v1/instance/rules") == rules
    assert (await get(square, "/api/v2/instance"))["rules"] == rules


async def test_documents_in_the_version_that_holds(square: Square) -> None:
    now = datetime.now(UTC)
    assert (await square.http.get("/api/v1/instance/privacy_policy")).status_code == 404
    assert (await square.http.get("/api/v1/instance/terms_of_service")).status_code == 404
    assert (await get(square, "/api/v1/instance/extended_description"))["content"].startswith("<p>")
    async with square.db.transaction() as tx:
        await publish_document(tx, "privacy", "We keep <nothing>.", now - timedelta(days=1))
        await publish_document(tx, "terms", "Old", now - timedelta(days=9))
        await publish_document(tx, "terms", "Present", now - timedelta(days=3))
        await publish_document(tx, "terms", "Next", now + timedelta(days=3))

    privacy = await get(square, "/api/v1/instance/privacy_policy")
    assert privacy["content"] == "<p>We keep &lt;nothing&gt;.</p>"
    terms = await get(square, "/api/v1/instance/terms_of_service")
    day = (now + timedelta(days=3)).date().isoformat()
    assert (terms["content"], terms["effective"], terms["succeeded_by"]) == ("<p>Present</p>", True, day)
    coming = await get(square, f"/api/v1/instance/terms_of_service/{day}")
    assert coming == await get(square, f"/api/v1/instance/terms_of_service?date={day}")
    assert (coming["content"], coming["effective"], coming["succeeded_by"]) == ("<p>Next</p>", False, None)
    for none in ("2001-01-01", "yesterday", "x"):
        assert (await square.http.get(f"/api/v1/instance/terms_of_service/{none}")).status_code == 404
        assert (await square.http.get(f"/api/v1/instance/terms_of_service?date={none}")).status_code == 404
    urls = (await get(square, "/api/v2/instance"))["configuration"]["urls"]
    assert urls["privacy_policy"] == "https://town.example/privacy"
    assert urls["terms_of_service"] == "https://town.example/terms"


async def test_how_much_happens_and_with_whom(square: Square) -> None:
    ann = await square.person("ann")
    await ann.say("Hello")
    await square.db.execute(
        "INSERT INTO accounts (id, username, domain) VALUES (5, 'far', 'b.example'), (6, 'off', 'a.example')"
    )
    await square.db.execute(
        "INSERT INTO handles (domain, name, account_id) VALUES ('b.example', 'far', 5), ('a.example', 'off', 6)"
    )
    weeks = await get(square, "/api/v1/instance/activity")
    assert len(weeks) == 12
    assert int(weeks[0]["statuses"]) >= 1
    assert int(weeks[0]["registrations"]) >= 1
    assert set(weeks[0]) == {"week", "statuses", "logins", "registrations"}
    monday = datetime.fromtimestamp(int(weeks[0]["week"]), UTC)
    assert (monday.weekday(), monday.hour) == (0, 0)
    assert int(weeks[0]["week"]) - int(weeks[1]["week"]) == 7 * 86_400
    assert await get(square, "/api/v1/instance/peers") == ["a.example", "b.example"]
    assert (await get(square, "/api/v1/instance"))["stats"]["domain_count"] == 2


async def test_small_lists(square: Square) -> None:
    assert await get(square, "/api/v1/instance/domain_blocks") == []
    assert await get(square, "/api/v1/instance/translation_languages") == {}
    assert {"code": "en", "name": "English"} in await get(square, "/api/v1/instance/languages")
    await square.db.execute(
        """
        INSERT INTO custom_emojis (shortcode, domain, file_key, static_key, category, visible, disabled) VALUES
            ('wave', '', 'w.gif', 'w.png', 'Hands', true, false), ('old', '', 'o.png', 'o.png', NULL, true, true),
            ('far', 'b.example', 'f.png', 'f.png', NULL, true, false), ('hat', '', 'h.png', 'h.png', NULL, false, false)
        """
    )
    listed = await get(square, "/api/v1/custom_emojis")
    assert [one["shortcode"] for one in listed] == ["wave"], "what is not listed is not for choosing, as in Mastodon"
    assert listed[0] == {
        "shortcode": "wave",
        "url": "https://town.example/media/w.gif",
        "static_url": "https://town.example/media/w.png",
        "visible_in_picker": True,
        "category": "Hands",
    }
