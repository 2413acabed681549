"""A place that is reached at another address than before: all that is shown follows."""

from pathlib import Path
from urllib.parse import quote

import msgspec

from tests.rooms.media import pictures
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.statuses.address import compare, render_on
from townsquare.statuses.events import AddressChanged
from townsquare.statuses.store_address import latest

OLD = SETTINGS.public_url
NEW = "https://village.example:8443"
STREAMS = {"accept": "application/activity+json"}


def at(url: str) -> Settings:
    return msgspec.structs.replace(SETTINGS, public_url=url)


class Life:
    """Somebody who has done all that leaves an address behind."""

    def __init__(self, ann: Person, ben: Person, post: str) -> None:
        self.ann = ann
        self.reader = ben
        self.apps = [
            f"/api/v1/statuses/{post}",
            f"/api/v1/statuses/{post}/context",
            f"/api/v1/statuses/{post}/history",
            f"/api/v1/accounts/{ann.id}",
            f"/api/v1/accounts/{ann.id}/statuses",
            f"/api/v1/accounts/{ben.id}/statuses",
            "/api/v1/timelines/home",
        ]
        self.pages = ["/@ann", f"/@ann/{post}", "/"]
        self.servers = [f"/ap/users/{ann.id}", f"/ap/users/{ann.id}/statuses/{post}"]

    async def shown(self, square: Square) -> dict[str, str]:
        """What apps, browsers and servers get."""
        reader = {"authorization": f"Bearer {self.reader.token}"}
        paths = {path: reader for path in self.apps} | {path: {} for path in self.pages}
        paths |= {path: STREAMS for path in self.servers}
        answers = {path: await square.http.get(path, headers=headers) for path, headers in paths.items()}
        assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 200)
        return {path: answer.text for path, answer in answers.items()}


async def live(square: Square) -> Life:
    ann, ben = await square.person("ann"), await square.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    picture = ("p.jpg", pictures.jpeg(), "image/jpeg")
    await ann.request(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        files={"avatar": picture, "header": picture},
        data={"note": "With @ben about #beans", "fields_attributes[0][name]": "B", "fields_attributes[0][value]": "#b"},
    )
    sent = [(await ann.request("POST", "/api/v2/media", files={"file": picture})).json()["id"] for _ in range(2)]
    post = await ann.say("@ben@town.example: a #bean by @nobody", media_ids=sent[:1], spoiler_text="Beans")
    described = [{"id": sent[0], "description": "A bean"}]
    edited = {"status": "@ben and @ben@town.example: #peas", "media_ids": sent, "media_attributes": described}
    await ann.put(f"/api/v1/statuses/{post['id']}", **edited)
    await ben.say("@ann I see", in_reply_to_id=post["id"])
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await ann.say("Only for followers, with @ben", visibility="private")
    await square.settle()
    return Life(ann, ben, post["id"])


def followed(shown: dict[str, str]) -> dict[str, str]:
    """What was shown, with the new address; also where it stands in another one (oEmbed)."""
    new = NEW.removeprefix("https://")
    within = "%2F%2F" + quote(new, safe="")
    return {
        path: text.replace("%2F%2Ftown.example", within).replace("town.example", new) for path, text in shown.items()
    }


async def test_everything_shows_the_new_address_and_nothing_else_has_changed(db: Database, tmp_path: Path) -> None:
    async with town(db, tmp_path, at(OLD)) as square:
        await compare(db, at(OLD))
        life = await live(square)
        before = await life.shown(square)
        assert all("//town.example" in text for text in before.values())
    async with town(db, tmp_path, at(NEW)) as square:
        await compare(db, at(NEW))
        await square.settle()
        assert await life.shown(square) == followed(before)
    async with town(db, tmp_path, at(OLD)) as square:
        await compare(db, at(OLD))
        await square.settle()
        assert await life.shown(square) == before


async def test_it_goes_in_small_steps_and_on_from_where_it_was_cut_off(db: Database, tmp_path: Path) -> None:
    async with town(db, tmp_path, at(OLD)) as square:
        await compare(db, at(OLD))
        life = await live(square)
        before = await life.shown(square)
    async with town(db, tmp_path, at(NEW)) as square:
        await compare(db, at(NEW))
        steps = [await come_to(db)]
        while steps[-1].part != "done":
            # Each start puts the step in the queue again that is to come; only one of them is taken.
            await compare(db, at(NEW))
            await render_on(db, at(NEW), [steps[-1], *steps], batch=1)
            steps.append(await come_to(db))
        assert len(steps) == len(set(steps)) > 6
        assert await life.shown(square) == followed(before)
        await square.settle()
        assert await come_to(db) == steps[-1]


async def test_a_place_that_stays_where_it_is_renders_nothing(db: Database, tmp_path: Path) -> None:
    async with town(db, tmp_path, at(OLD)) as square:
        for name in ("ann", "ben"):
            await compare(db, at(OLD))
            assert (await come_to(db)).part == "done"
            await square.person(name)


async def come_to(db: Database) -> AddressChanged:
    """How far the rendering has come."""
    state = await latest(db)
    assert state is not None
    return state
