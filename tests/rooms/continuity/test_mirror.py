"""The mirror as a reader without a server finds it: what is public, signed, and nothing else."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.rooms.media import pictures
from tests.support.cases import Desk, case_of
from tests.support.square import Person, Square
from townsquare.continuity.mirror import build, keep, store_targets
from townsquare.continuity.mirror.build import Done, Share
from townsquare.continuity.mirror.laying import POINTERS
from townsquare.continuity.mirror.model import Written
from townsquare.continuity.mirror.places import PART, file_of, spans
from townsquare.continuity.mirror.store import Row
from townsquare.kernel import domains
from townsquare.kernel.ids import AccountId
from townsquare.moderation.actions import perform, undo
from townsquare.moderation.model import OPERATOR
from townsquare.statuses.events import AddressChanged
from townsquare.statuses.restricted import Notice, restrict
from townsquare.statuses.store_address import use
from townsquare.web.mirror.pages import Pages

ICON = Path(__file__).parents[3] / "src" / "townsquare" / "web" / "static" / "icon-192.png"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Mirror:
    """One target in a folder, beside a service."""

    def __init__(self, square: Square, folder: Path) -> None:
        self.square = square
        self.folder = folder

    async def publish(self, by: int = 1) -> None:
        """Written in so many shares at once."""
        services, db, url = self.square.services, self.square.db, str(self.folder)
        await self.square.settle()

        async def helper(share: Share) -> Done:
            pages = Pages(db, services.settings)
            return await build.lay_share(db, services.storage, services.settings, url, pages, share)

        pages, helpers = Pages(db, services.settings), [helper] * (by - 1)
        await build.publish(db, services.storage, services.settings, url, pages, now=NOW, helpers=helpers)

    async def refresh(self) -> None:
        """What the background work does every few seconds."""
        services = self.square.services
        await self.square.settle()
        await keep.refresh_all(
            self.square.db, services.storage, services.settings, lambda: Pages(self.square.db, services.settings)
        )
        assert {one.failing for one in await store_targets.targets(self.square.db)} == {""}

    def files(self) -> dict[str, bytes]:
        return {
            str(file.relative_to(self.folder)): file.read_bytes() for file in self.folder.rglob("*") if file.is_file()
        }

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        return (self.folder / path).exists()

    def holds(self, words: str) -> list[str]:
        """The files in which these words stand."""
        return sorted(path for path, data in self.files().items() if words.encode() in data)


@pytest.fixture
def mirror(square: Square, tmp_path: Path) -> Mirror:
    return Mirror(square, tmp_path / "mirror")


def page_of(post: dict[str, Any]) -> str:
    return f"@{post['account']['acct']}/{post['id']}.html"


async def picture(person: Person) -> str:
    """A small picture, uploaded."""
    answer = await person.request("POST", "/api/v2/media", files={"file": ("one.png", ICON.read_bytes(), "image/png")})
    return answer.json()["id"]


async def test_everything_public_is_there_and_every_link_leads_somewhere(square: Square, mirror: Mirror) -> None:
    ann, bob = await square.person("ann"), await square.person("bob")
    first = await ann.say("Bees on the roof #Bees", media_ids=[await picture(ann)])
    answer = await bob.say("@ann how many?", in_reply_to_id=first["id"])
    await mirror.publish()
    assert "Bees on the roof" in mirror.text(page_of(first))
    assert "how many?" in mirror.text(page_of(first))
    assert "Bees on the roof" in mirror.text(page_of(answer))
    for page in ("index.html", "@ann.html", "tags/bees.html", "@ann/feed.atom", "tags/bees/feed.atom", "feed.atom"):
        assert "Bees on the roof" in mirror.text(page), page
    assert "@ann" in mirror.text("people.html")
    assert "bees" in mirror.text("tags.html")
    assert json.loads(mirror.text("search/62-65.json"))["bees"] == [f"ann/{first['id']}"]
    for path, data in mirror.files().items():
        if path.endswith(".html"):
            assert b"<form" not in data or path == "search.html", path
            assert b"\x02" not in data
            for link in re.findall(r'(?:href|src|poster)="([^"#?]+)', data.decode()):
                if "://" not in link:
                    assert (mirror.folder / path).parent.joinpath(link).resolve().exists(), (path, link)
    [image] = re.findall(r'<img src="\.\./(media/[^"]+)" alt="Picture', mirror.text(page_of(first)))
    assert mirror.has(image)


async def test_what_was_never_public_is_not_in_it(square: Square, mirror: Mirror) -> None:
    ann, bob = await square.person("ann"), await square.person("bob")
    await ann.say("for all: openwords")
    await ann.say("canary-followers", visibility="private")
    await ann.say("canary-unlisted", visibility="unlisted")
    await ann.say("@bob canary-message", visibility="direct")
    held = await ann.say("canary-held")
    limited = await ann.say("canary-limited")
    hidden = await bob.say("canary-suspended")
    async with square.db.transaction() as tx:
        await restrict(tx, (ann.id, int(held["id"])), [Notice("hold", "spam", "Spam")])
        await restrict(tx, (ann.id, int(limited["id"])), [Notice("limit", "spam", "Spam")])
        await perform(tx, OPERATOR, AccountId(bob.id), "suspend", settings=square.services.settings, now=NOW)
    await ann.post("/api/v1/statuses", status="canary-scheduled", scheduled_at="2030-01-01T00:00:00Z")
    await mirror.publish()
    await mirror.refresh()
    assert "openwords" in mirror.text("@ann.html")
    assert mirror.holds("canary") == []
    assert hidden["id"] not in "".join(mirror.files())
    assert mirror.holds('@town.example"') == []


async def test_what_is_posted_edited_and_deleted_follows(square: Square, mirror: Mirror) -> None:
    ann, bob = await square.person("ann"), await square.person("bob")
    first = await ann.say("An early word")
    await mirror.publish()
    second = await ann.say("A late word #late", media_ids=[await picture(ann)])
    answer = await bob.say("@ann indeed", in_reply_to_id=first["id"])
    await mirror.refresh()
    assert "A late word" in mirror.text("index.html")
    assert "A late word" in mirror.text("@ann.html")
    assert "indeed" in mirror.text(page_of(first))
    await ann.put(f"/api/v1/statuses/{first['id']}", status="An earlier word")
    await mirror.refresh()
    assert "An earlier word" in mirror.text(page_of(answer))
    assert mirror.holds("An early word") == []
    assert any(path.startswith("media/attachments/") for path in mirror.files())
    await ann.delete(f"/api/v1/statuses/{second['id']}")
    await mirror.refresh()
    assert mirror.holds("A late word") == []
    assert not mirror.has(page_of(second))
    assert not mirror.has("tags/late.html")
    assert not any(path.startswith("media/attachments/") for path in mirror.files())
    assert mirror.holds(second["id"]) == []


async def test_who_is_limited_suspended_or_gone_is_gone_from_it_and_may_come_back(
    square: Square, mirror: Mirror
) -> None:
    ann, bob = await square.person("ann"), await square.person("bob")
    header = pictures.jpeg(pictures.photo(1500, 500))
    own = {"avatar": ("one.png", ICON.read_bytes(), "image/png"), "header": ("two.jpg", header, "image/jpeg")}
    assert (await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=own)).is_success
    said = await ann.say("I stay out late")
    await bob.say("@ann you do", in_reply_to_id=said["id"])
    await mirror.publish()
    shown = re.search(r'src="(\S+)" srcset="(\S+) 960w, (\S+) 1500w"', mirror.text("@ann.html"))
    assert shown
    large, small = shown[1], shown[2]
    assert shown[3] == large != small
    settings = square.services.settings
    for action in ("silence", "suspend"):
        async with square.db.transaction() as tx:
            await perform(tx, OPERATOR, AccountId(ann.id), action, settings=settings, now=NOW)
        await mirror.refresh()
        assert mirror.holds("I stay out late") == []
        assert not mirror.has("@ann.html")
        assert not any(path.startswith(("media/avatars/", "media/headers/")) for path in mirror.files())
        async with square.db.transaction() as tx:
            await undo(tx, OPERATOR, AccountId(ann.id), action, settings=settings, now=NOW)
        await mirror.refresh()
        assert "I stay out late" in mirror.text(page_of(said))
        assert any(path.startswith("media/avatars/") for path in mirror.files())
        assert {large, small} == {path for path in mirror.files() if path.startswith("media/headers/")}


async def test_words_within_quotes_go_and_come_back_with_their_post(square: Square, mirror: Mirror) -> None:
    """From lists too; and those of posts that are in no list themselves."""
    ann, bob = await square.person("ann"), await square.person("bob")
    public = await ann.say("canary-public")
    unlisted = await ann.say("canary-unlisted", visibility="unlisted")
    for quoted in (public, unlisted):
        await bob.say("look #bees", quoted_status_id=quoted["id"])
    await mirror.publish()
    before = {word: mirror.holds(f"canary-{word}") for word in ("public", "unlisted")}
    assert all({"@bob.html", "tags/bees.html"} <= set(pages) for pages in before.values())

    me, settings = AccountId(ann.id), square.services.settings
    async with square.db.transaction() as tx:
        await perform(tx, OPERATOR, me, "suspend", settings=settings, now=NOW)
    await mirror.refresh()
    assert mirror.holds("canary") == []
    async with square.db.transaction() as tx:
        await undo(tx, OPERATOR, me, "suspend", settings=settings, now=NOW)
    await mirror.refresh()
    assert {word: mirror.holds(f"canary-{word}") for word in before} == before
    async with square.db.transaction() as tx:
        for quoted in (public, unlisted):
            await restrict(tx, (ann.id, int(quoted["id"])), [Notice("hold", "spam", "Spam")])
    await mirror.refresh()
    assert mirror.holds("canary") == []


async def test_a_hidden_hashtag_shows_nothing_until_it_is_shown_again(square: Square, mirror: Mirror) -> None:
    ann = await square.person("ann")
    said = await ann.say("Look at the #bees")
    await mirror.publish()
    number, desk = await square.db.value("SELECT id FROM tags WHERE name = 'bees'"), Desk(square)
    case_id = await case_of(desk, "tag", 0, number)
    await desk.decide(case_id, "remove")
    await mirror.refresh()
    assert "Look at the" not in mirror.text("tags/bees.html")
    assert "Look at the" not in mirror.text("tags/bees/feed.atom")
    assert "#bees" not in mirror.text("tags.html")
    assert 'tags/bees.html"' in mirror.text(page_of(said)), "what leads to it does not lead nowhere"
    await desk.undo(case_id)
    await mirror.refresh()
    assert "Look at the" in mirror.text("tags/bees.html")
    assert "bees" in mirror.text("tags.html")


async def test_a_changed_name_stands_on_every_page_with_it(square: Square, mirror: Mirror) -> None:
    ann, bob = await square.person("ann"), await square.person("bob")
    said = await ann.say("Good morning")
    answer = await bob.say("@ann good night", in_reply_to_id=said["id"])
    await mirror.publish()
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Annette the Second")
    await mirror.refresh()
    for page in ("@ann.html", page_of(said), page_of(answer), "index.html", "people.html"):
        assert "Annette the Second" in mirror.text(page), page


async def test_who_does_not_want_to_be_found_is_not_in_the_index(square: Square, mirror: Mirror) -> None:
    ann = await square.person("ann")
    said = await ann.say("Zebras everywhere")
    await mirror.publish()
    assert mirror.has("search/7a-65.json")
    await ann.patch("/api/v1/accounts/update_credentials", indexable=False)
    await mirror.refresh()
    assert not mirror.has("search/7a-65.json")
    assert '<meta name="robots" content="noindex">' in mirror.text(page_of(said))
    assert '<meta name="robots" content="noindex">' in mirror.text("@ann.html")


async def test_what_follows_step_by_step_is_what_is_written_as_a_whole(
    square: Square, mirror: Mirror, tmp_path: Path
) -> None:
    """Also where lists have several parts, something goes from the middle of them, and several write the whole."""
    ann = await square.person("ann")
    posts = [await ann.say(f"Number {number} #count") for number in range(70)]
    await mirror.publish()
    assert mirror.has("@ann/older-1.html")
    await ann.delete(f"/api/v1/statuses/{posts[3]['id']}")
    for number in range(70, 75):
        await ann.say(f"Number {number} #count")
    await mirror.refresh()
    other = Mirror(square, tmp_path / "other")
    await other.publish(by=3)
    signed = ("manifest.json", "manifest.sig")
    [one, two] = [{path: data for path, data in each.files().items() if path not in signed} for each in (mirror, other)]
    assert one.keys() ^ two.keys() == set()
    assert [path for path in one if one[path] != two[path]] == []


async def test_it_is_the_same_twice_and_nothing_is_written_again(
    square: Square, mirror: Mirror, tmp_path: Path
) -> None:
    ann = await square.person("ann")
    await ann.say("Once and for all")
    await mirror.publish()
    before = {path: (mirror.folder / path).stat().st_mtime_ns for path in mirror.files()}
    other = Mirror(square, tmp_path / "other")
    await other.publish()
    assert other.files() == mirror.files() | {name: other.files()[name] for name in ("manifest.json", "manifest.sig")}
    await mirror.publish()
    again = {path for path in mirror.files() if (mirror.folder / path).stat().st_mtime_ns != before[path]}
    assert again <= {"manifest.json", "manifest.sig", *POINTERS}


async def test_after_a_move_to_another_domain_it_is_written_anew_by_itself(square: Square, mirror: Mirror) -> None:
    ann = await square.person("ann")
    post = await ann.say("Bees on the roof")
    await mirror.publish()
    assert "https://town.example" in mirror.text(page_of(post))
    services, db = square.services, square.db
    moved = msgspec.structs.replace(services.settings, public_url="https://square.example")
    await use(db, AddressChanged(moved.public_url, "posts"))
    await keep.refresh_all(db, services.storage, moved, lambda: Pages(db, moved))
    assert "https://town.example" in mirror.text(page_of(post)), "what it shows is not rendered yet"
    await db.execute("UPDATE addresses SET part = 'done'")
    await keep.refresh_all(db, services.storage, moved, lambda: Pages(db, moved))
    assert "https://square.example" in mirror.text(page_of(post))
    assert json.loads(mirror.text("manifest.json"))["place"] == "https://square.example"


async def test_what_is_deleted_while_a_mirror_is_written_anew_is_gone_from_all(
    square: Square, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the one that is being written, and from those that are not."""
    ann, other = await square.person("ann"), Mirror(square, tmp_path / "other")
    post = await ann.say("It goes meanwhile")
    for one in (mirror, other):
        await one.publish()
    path, services, told = page_of(post), square.services, list[str]()

    class Meanwhile(Pages):
        async def front(self) -> Written:
            if not told:
                told.append("deleted")
                await ann.delete(f"/api/v1/statuses/{post['id']}")
                await square.settle()
            return await super().front()

        async def people(self) -> Written:
            async with asyncio.timeout(30):
                while other.has(path):
                    assert told == ["deleted"]
                    await asyncio.sleep(0.01)
            return await super().people()

        async def rest(self) -> Written:
            told.append("here still" if mirror.has(path) else "gone")
            return await super().rest()

    await square.db.execute("UPDATE mirror_targets SET made_for = 'before' WHERE url = $1", str(mirror.folder))
    monkeypatch.setattr(keep, "EVERY", timedelta(seconds=0.01))

    def pages() -> Pages:
        return Meanwhile(square.db, services.settings)

    await keep.refresh_all(square.db, services.storage, services.settings, pages)
    assert told == ["deleted", "gone"]
    for one in (mirror, other):
        assert one.holds("It goes meanwhile") == []


class Meanwhile(Pages):
    """While some posts are written, one of them goes, one is edited, and one comes: before they lie there."""

    def __init__(self, ann: Person, said: list[dict[str, Any]], gone: list[dict[str, Any]]) -> None:
        super().__init__(ann.square.db, ann.square.services.settings)
        self.ann, self.said, self.gone = ann, said, gone
        self.left = 2

    async def posts(self, rows: Sequence[Row]) -> Written:
        written = await super().posts(rows)
        own = {row.status_id for row in rows}
        some = [post for post in self.said if int(post["id"]) in own]
        if self.left and len(some) > 1:
            self.left -= 1
            self.said.remove(some[0])
            self.gone.append(some[0])
            await self.ann.delete(f"/api/v1/statuses/{some[0]['id']}")
            await self.ann.put(f"/api/v1/statuses/{some[1]['id']}", status="Said otherwise #other")
            await self.ann.say(f"Comes {self.left} #came")
            await keep._follow(self.ann.square.db)
        return written


async def test_what_comes_and_goes_while_it_is_written_anew_is_as_it_is_when_it_is_done(
    square: Square, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of whatever share it is, and also before what is owed is written once more."""
    ann, url, gone = await square.person("ann"), str(mirror.folder), list[dict[str, Any]]()
    said = [await ann.say(f"Number {number} #count") for number in range(16)]
    await mirror.publish()
    before = said.pop()
    await ann.delete(f"/api/v1/statuses/{before['id']}")
    await square.settle()
    await keep._follow(square.db)
    monkeypatch.setattr(build, "TOGETHER", 4)
    services, refresh_target, looks = square.services, build.refresh_target, list[str]()

    async def helper(share: Share) -> Done:
        pages = Meanwhile(ann, said, gone)
        return await build.lay_share(square.db, services.storage, services.settings, url, pages, share)

    async def look(*given: Any) -> None:
        assert gone
        assert [post["id"] for post in [before, *gone] if mirror.has(page_of(post))] == []
        assert (mirror.has("tags/came.html"), mirror.has("tags/other.html")) == (True, True)
        looks.append("looked")
        await refresh_target(*given)

    monkeypatch.setattr(build, "refresh_target", look)
    pages = Meanwhile(ann, said, gone)
    await build.publish(square.db, services.storage, services.settings, url, pages, now=NOW, helpers=[helper])
    assert looks == ["looked"]
    other = Mirror(square, tmp_path / "other")
    monkeypatch.undo()
    await other.publish()
    signed = {"manifest.json", "manifest.sig"}
    assert {path: data for path, data in mirror.files().items() if path not in signed} == {
        path: data for path, data in other.files().items() if path not in signed
    }
    verified(mirror, "https://town.example")


async def test_what_was_deleted_goes_from_one_target_though_another_one_is_begun_first(
    square: Square, mirror: Mirror, tmp_path: Path
) -> None:
    ann = await square.person("ann")
    post, edited = await ann.say("It goes #away"), await ann.say("It stays #before")
    await mirror.publish()
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    await ann.put(f"/api/v1/statuses/{edited['id']}", status="It stays #after")
    await Mirror(square, tmp_path / "other").publish()
    await mirror.refresh()
    assert mirror.holds("It goes") == []
    assert (mirror.has("tags/away.html"), mirror.has("tags/before.html"), mirror.has("tags/after.html")) == (
        False,
        False,
        True,
    )


async def test_after_a_restore_what_lies_there_is_not_believed(square: Square, mirror: Mirror) -> None:
    ann = await square.person("ann")
    post = await ann.say("Bees on the roof", media_ids=[await picture(ann)])
    other = await ann.say("Wasps below it")
    await mirror.publish()
    before = mirror.files()
    lost = mirror.folder / "@ann" / "7.html"
    lost.write_text("a post that did not come back")
    (mirror.folder / "CNAME").write_text("of the one who keeps the host")
    (mirror.folder / page_of(post)).write_text(mirror.text(page_of(post)).replace("Bees", "Ants"))
    (mirror.folder / page_of(other)).unlink()
    await square.db.execute("UPDATE mirror_targets SET made_for = '00000000' || substr(made_for, 9)")
    await mirror.refresh()
    assert not lost.exists()
    after = mirror.files()
    assert after.pop("CNAME") == b"of the one who keeps the host"
    signed = {"manifest.json", "manifest.sig"}
    assert {path: data for path, data in after.items() if path not in signed} == {
        path: data for path, data in before.items() if path not in signed
    }
    verified(mirror, "https://town.example")


def verified(mirror: Mirror, place: str) -> tuple[bytes, Ed25519PublicKey, dict[str, list[Any]]]:
    """What signs it and is signed, and every file that there is, after a look whether that is so."""
    raw = (mirror.folder / "manifest.json").read_bytes()
    manifest = json.loads(raw)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(manifest["key"]))
    key.verify(base64.b64decode(mirror.text("manifest.sig")), raw)
    for name in POINTERS:
        said_of = domains.read((mirror.folder / name).read_bytes(), domains.public_key(mirror.square.db.keys))
        assert said_of is not None
        assert said_of.now == place
    named: dict[str, list[Any]] = {}
    for part, digest in manifest["parts"].items():
        data = (mirror.folder / part).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        named |= json.loads(data)
    for path, (digest, size) in named.items():
        data = (mirror.folder / path).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (digest, size)
    there = {path for path in mirror.files() if not path.startswith(("manifest", "CNAME"))} - set(POINTERS)
    assert there == named.keys()
    return raw, key, named


async def test_it_can_be_verified_with_nothing_of_ours(square: Square, mirror: Mirror) -> None:
    """As docs/mirror.md tells it."""
    ann = await square.person("ann")
    said = await ann.say("Signed and sealed")
    await mirror.publish()
    raw, key, named = verified(mirror, "https://town.example")
    assert page_of(said) in named
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(mirror.text("manifest.sig")), raw.replace(b"town.example", b"evil.example"))


async def test_without_a_mirror_nothing_is_noted(square: Square) -> None:
    ann = await square.person("ann")
    await ann.say("Nobody copies this")
    assert await square.db.value("SELECT count(*) FROM mirror_marks") == 0


def test_paths_have_their_files() -> None:
    assert file_of("/") == "index.html"
    assert file_of("/@ann/12") == "@ann/12.html"
    assert file_of("/tags/B%C3%84ren") == "tags/baren.html"
    assert file_of("/@ann@elsewhere.example") is None
    assert file_of("/settings/profile") is None


@pytest.mark.parametrize("count", [0, 1, 20, 59, 60, 99, 100, 1000])
def test_lists_are_cut_so_that_each_post_stands_once(count: int) -> None:
    found = list(spans(count, 0))
    assert [end - begin for number, begin, end in found if number] == [PART] * (len(found) - 1)
    assert [begin for _, begin, _ in found[1:]] == [end for _, _, end in found[:-1]]
    assert found[-1][2] == count
