"""Files of what was reported are kept, whoever comes first: the job that keeps them, or whatever deletes them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.api.test_media import sent
from tests.rooms.media import pictures
from tests.support.square import Person, Square
from tests.web.test_notices import give
from townsquare.media.purge import purge
from townsquare.media.sealed import folder_of, open_sealed
from townsquare.moderation.deleted import sweep

Told = Callable[[Square, Person, Person, dict[str, Any]], Awaitable[None]]


async def by_report(_: Square, ann: Person, ben: Person, post: dict[str, Any]) -> None:
    await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post["id"]])


async def by_notice(square: Square, _: Person, __: Person, post: dict[str, Any]) -> None:
    assert (await give(square, post["url"]))[1].status_code == 303


@pytest.mark.parametrize("told", [by_report, by_notice])
async def test_what_deletes_them_before_they_are_kept_keeps_them(square: Square, told: Told) -> None:
    ann, ben, storage = await square.person("ann"), await square.person("ben"), square.services.storage
    avatar = {"avatar": ("a.png", pictures.png(), "image/png")}
    await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=avatar)
    post = await ann.say("look", media_ids=[(await sent(ann))["id"]])
    await square.settle()
    await told(square, ann, ben, post)
    waits = [(one[0], one[1]) for one in await square.db.records("SELECT key, source_id FROM evidence_waits")]
    assert len(waits) == (2 if told is by_notice else 3)
    before = [key for key in square.files() if not key.startswith("evidence/")]
    await purge(square.db, storage, before)
    assert [key for key in square.files() if not key.startswith("evidence/")] == []
    await square.settle()
    for key, source_id in waits:
        assert await open_sealed(square.db.keys, storage, folder_of(source_id), key, 10**7)
    assert await square.db.value("SELECT count(*) FROM evidence_waits") == 0


async def test_copies_hold_up_no_case(square: Square) -> None:
    """They have hands of their own: what decisions wait for goes on while hours of film are copied."""
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("look", media_ids=[(await sent(ann))["id"]])
    await square.settle()
    await by_report(square, ann, ben, post)
    await square.settle("default")
    assert await square.db.value("SELECT count(*) FROM cases") == 1
    assert not [one for one in square.files() if one.startswith("evidence/")]
    await square.settle()
    assert [one for one in square.files() if one.startswith("evidence/")]


async def test_what_is_deleted_stays_until_it_is_copied(square: Square) -> None:
    """Also when the time of what its author deleted is over meanwhile."""
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("look", media_ids=[(await sent(ann))["id"]])
    await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media="true")
    await square.settle()
    await by_report(square, ann, ben, post)
    await square.db.execute("UPDATE sealed_posts SET deleted_at = now() - interval '31 days'")
    await sweep(square.db, square.services.storage)
    await square.settle()
    number = await square.db.value("SELECT id FROM reports")
    assert len([one for one in square.files() if one.startswith(folder_of(number))]) == 2
    await sweep(square.db, square.services.storage)
    assert await square.db.value("SELECT count(*) FROM sealed_posts") == 0


async def test_others_go_as_ever(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post, other = [await ann.say(words, media_ids=[(await sent(ann))["id"]]) for words in ("look", "and look")]
    await by_report(square, ann, ben, post)
    await square.settle()
    kept = [one for one in square.files() if one.startswith("evidence/")]
    await ann.delete(f"/api/v1/statuses/{other['id']}", delete_media="true")
    await square.settle()
    number = await square.db.value("SELECT id FROM reports")
    assert [one for one in square.files() if one.startswith(folder_of(number))] == kept
