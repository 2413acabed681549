"""A person's own copy: taken from one place into another, brought from Mastodon and X; and archives that mean harm."""

import asyncio
import io
import json
import secrets
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.database import KEYS
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.continuity import copies, lists_in
from townsquare.continuity.transfer import seal, take_in
from townsquare.continuity.transfer.model import Hostile, Visible
from townsquare.continuity.transfer.pack import opened
from townsquare.continuity.transfer.store import Transfer
from townsquare.federation import archive
from townsquare.kernel.ids import AccountId
from townsquare.media.storage import all_keys, chunks_of

ICON = Path(__file__).parents[3] / "src" / "townsquare" / "web" / "static" / "icon-192.png"
ACTOR = "https://old.example/users/ada"


async def copy_of(square: Square, person: Person) -> bytes:
    """The archive that the person fetches."""
    file = io.BytesIO()
    services = square.services
    await archive.write(file, square.db, services.storage, services.settings, AccountId(person.id))
    return file.getvalue()


async def brought(
    square: Square, person: Person, data: bytes, name: str = "archive.zip", visibility: Visible | None = None
) -> Transfer:
    services, me = square.services, AccountId(person.id)
    number = await take_in.bring(square.db, services.storage, me, name, io.BytesIO(data), len(data), visibility)
    await square.settle()
    return await take_in.get_transfer(square.db, me, number)


def packed(files: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return out.getvalue()


def note(number: int, content: str, **more: object) -> dict[str, object]:
    uri = f"{ACTOR}/statuses/{number}"
    inner = {
        "id": uri,
        "type": "Note",
        "attributedTo": ACTOR,
        "published": f"2019-03-0{number}T10:00:00Z",
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [f"{ACTOR}/followers"],
        "content": content,
        **more,
    }
    return {"id": f"{uri}/activity", "type": "Create", "actor": ACTOR, "object": inner}


def mastodon(*items: dict[str, object], **files: object) -> bytes:
    actor = {"id": ACTOR, "type": "Person", "preferredUsername": "ada"}
    outbox = {"type": "OrderedCollection", "orderedItems": items}
    return packed({"actor.json": actor, "outbox.json": outbox, **files})


async def statuses(person: Person) -> list[dict[str, Any]]:
    """The earliest first."""
    return (await person.get(f"/api/v1/accounts/{person.id}/statuses", limit=40))[::-1]


async def test_a_person_takes_everything_along_to_another_place(square: Square, tmp_path: Path) -> None:
    ada, ben = await square.person("ada"), await square.person("ben")
    media = await ada.request(
        "POST",
        "/api/v2/media",
        files={"file": ("a.png", ICON.read_bytes(), "image/png")},
        data={"description": "A door"},
    )
    first = await ada.say("The first, *as written*\n\nin two parts #Move", media_ids=[media.json()["id"]])
    second = await ada.say("An answer to myself", in_reply_to_id=first["id"], spoiler_text="careful", language="de")
    await ada.say("For followers", visibility="private")
    await ada.say("@ben a secret", visibility="direct")
    await ben.say("@ada a secret back", visibility="direct")
    await ada.post(f"/api/v1/accounts/{ben.id}/follow")
    of_ben = await ben.say("What Ben says")
    for liked in (second, of_ben, first):
        await ada.post(f"/api/v1/statuses/{liked['id']}/favourite")
        await ada.post(f"/api/v1/statuses/{liked['id']}/bookmark")
    keywords = [{"keyword": "spoiler, with a comma", "whole_word": False}, {"keyword": "ending", "whole_word": True}]
    await ada.post(
        "/api/v2/filters", title="Films", context=["home", "public"], filter_action="hide", keywords_attributes=keywords
    )
    data = await copy_of(square, ada)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert "a secret back" in found.read("townsquare/messages.jsonl").decode()
        size = sum(one.file_size for one in found.infolist())
    elsewhere = msgspec.structs.replace(SETTINGS, public_url="https://new.example")
    async with town(square.db, tmp_path / "new", elsewhere) as new:
        ada_there, fan = await new.person("ada_there"), await new.person("fan")
        await fan.post(f"/api/v1/accounts/{ada_there.id}/follow", notify=True)
        one = await brought(new, ada_there, data)
        assert (one.refused, one.kind, one.total, one.done, one.wrong) == ("", "townsquare", 3, 3, 0)
        assert sum(group.bytes for group in one.groups) == size
        there = await statuses(ada_there)
        source = await ada_there.get(f"/api/v1/statuses/{there[0]['id']}/source")
        assert source["text"] == "The first, *as written*\n\nin two parts #Move"
        assert [post["created_at"] for post in there] == [post["created_at"] for post in await statuses(ada)][:3]
        assert there[1]["in_reply_to_id"] == there[0]["id"]
        assert (there[1]["spoiler_text"], there[1]["language"]) == ("careful", "de")
        assert [post["visibility"] for post in there] == ["public", "public", "private"]
        [picture] = there[0]["media_attachments"]
        assert picture["description"] == "A door"
        assert await fan.get("/api/v1/notifications") == []
        for kept in ("favourites", "bookmarks"):
            ids = [post["id"] for post in await ada_there.get(f"/api/v1/{kept}")]
            assert ids == [there[0]["id"], there[1]["id"]], kept
        [told] = [
            one for one in await lists_in.list_brought(new.db, AccountId(ada_there.id)) if one.kind == "favourites"
        ]
        assert (told.lines, told.done, told.wrong) == (3, 3, 1), "what is not here is told"
        [films] = await ada_there.get("/api/v2/filters")
        assert (films["title"], films["context"], films["filter_action"]) == ("Films", ["home", "public"], "hide")
        assert [{name: one[name] for name in ("keyword", "whole_word")} for one in films["keywords"]] == keywords
        again = await brought(new, ada_there, data)
        assert again.done == again.total
        assert len(await statuses(ada_there)) == 3
        assert len(await ada_there.get("/api/v2/filters")) == 1
    assert second["in_reply_to_id"] == first["id"]


async def test_an_archive_of_mastodon_comes_with_threads_files_and_lists(square: Square) -> None:
    ada, ben = await square.person("ada"), await square.person("ben")
    liked = await ben.say("It is known here")
    file = "media_attachments/files/000/001/original/one.png"
    data = mastodon(
        note(2, "<p>Second</p>", inReplyTo=f"{ACTOR}/statuses/1"),
        note(
            1,
            '<p>Hello <span class="h-card"><a href="https://old.example/@ben">@<span>ben</span></a></span></p>',
            attachment=[{"type": "Document", "mediaType": "image/png", "url": f"/{file}", "name": "An icon"}],
        ),
        note(3, "<p>to one alone</p>", to=["https://elsewhere.example/users/x"], cc=[]),
        {"id": "x", "type": "Announce", "actor": ACTOR, "object": "https://elsewhere.example/1"},
        **{
            file: ICON.read_bytes(),
            "following_accounts.csv": b"Account address,Show boosts\nben@town.example,true\n",
            "likes.json": {"orderedItems": [f"{ACTOR}/statuses/1", liked["uri"], "https://elsewhere.example/9"]},
            "bookmarks.json": {"orderedItems": []},
        },
    )
    one = await brought(square, ada, data)
    first, second = await statuses(ada)
    became = {group.what: group.files for group in one.groups}
    assert became == {"posts": 2, "files": 1, "lists": 2, "empty": 1}
    assert [post["id"] for post in await ada.get("/api/v1/favourites")] == [liked["id"], first["id"]]
    assert await ben.get("/api/v1/notifications", types=["favourite"]) == []
    assert (one.kind, one.origin, one.total, one.wrong) == ("mastodon", "@ada@old.example", 3, 1)
    assert (first["created_at"][:10], second["in_reply_to_id"]) == ("2019-03-01", first["id"])
    assert "@ben@old.example" in (await ada.get(f"/api/v1/statuses/{first['id']}/source"))["text"]
    assert first["mentions"] == []
    assert first["media_attachments"][0]["description"] == "An icon"
    assert [person["id"] for person in await ada.get(f"/api/v1/accounts/{ada.id}/following")] == [str(ben.id)]


async def test_a_tar_is_as_good_as_a_zip(square: Square) -> None:
    ada, out = await square.person("ada"), io.BytesIO()
    packed_so = io.BytesIO(mastodon(note(1, "<p>In a tar</p>")))
    with zipfile.ZipFile(packed_so) as source, tarfile.open(fileobj=out, mode="w:gz") as made:
        for name in source.namelist():
            info = tarfile.TarInfo(name)
            info.size = source.getinfo(name).file_size
            made.addfile(info, source.open(name))
    one = await brought(square, ada, out.getvalue(), "archive.tar.gz")
    assert (one.refused, one.done) == ("", 1)


async def test_an_archive_of_x_says_what_was_written(square: Square) -> None:
    ada = await square.person("ada")
    await square.person("jack")
    tweets = [
        {
            "tweet": {
                "id_str": "11",
                "full_text": "@jack this &amp; that https://t.co/a https://t.co/b",
                "created_at": "Wed Oct 10 20:19:24 +0000 2018",
                "lang": "en",
                "entities": {
                    "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org/whole"}],
                    "media": [{"url": "https://t.co/b", "media_url_https": "https://pbs.twimg.com/media/x.png"}],
                },
            }
        },
        {
            "tweet": {
                "id_str": "12",
                "full_text": "And more",
                "created_at": "Wed Oct 10 20:20:24 +0000 2018",
                "in_reply_to_status_id_str": "11",
            }
        },
        {"tweet": {"id_str": "13", "full_text": "RT @x: hm", "created_at": "Wed Oct 10 20:21:24 +0000 2018"}},
    ]
    one = await brought(
        square,
        ada,
        packed(
            {
                "data/tweets.js": b"window.YTD.tweets.part0 = " + json.dumps(tweets).encode(),
                "data/tweets_media/11-x.png": ICON.read_bytes(),
                "data/account.js": b'window.YTD.account.part0 = [{"account": {"username": "ada", "accountId": "1"}}]',
            }
        ),
    )
    assert (one.kind, one.origin, one.total, one.wrong) == ("twitter", "@ada@x.com", 2, 0)
    first, second = await statuses(ada)
    text = (await ada.get(f"/api/v1/statuses/{first['id']}/source"))["text"]
    assert text == "@jack@x.com this & that https://example.org/whole"
    assert (first["created_at"], first["mentions"]) == ("2018-10-10T20:19:24.000Z", [])
    assert len(first["media_attachments"]) == 1
    assert second["in_reply_to_id"] == first["id"]


def of_x(*tweets: tuple[str, str], **files: object) -> bytes:
    """Number and text of each; other files of the folder `data`, as X writes them."""
    items = [
        {"tweet": {"id_str": number, "full_text": text, "created_at": "Wed Oct 10 20:19:24 +0000 2018"}}
        for number, text in tweets
    ]
    files = {"tweets": items, "account": [{"account": {"username": "ada", "accountId": "1"}}]} | files
    return packed(
        {
            f"data/{name.replace('_', '-')}.js": f"window.YTD.{name}.part0 = {json.dumps(content)}".encode()
            for name, content in files.items()
        }
    )


async def test_posts_of_an_account_of_x_that_was_protected_are_for_followers(square: Square) -> None:
    ada, ben, eve = [await square.person(name) for name in ("ada", "ben", "eve")]
    protected = [{"protectedHistory": {"protectedAt": "2016-01-01T00:00:00.000Z", "action": "Protect"}}]
    assert (await brought(square, ada, of_x(("1", "Among us"), protected_history=protected))).wrong == 0
    assert (await brought(square, ben, of_x(("2", "To all"), protected_history=[]))).wrong == 0
    assert (await brought(square, eve, of_x(("3", "As I choose")), visibility="unlisted")).wrong == 0
    assert [(await statuses(one))[0]["visibility"] for one in (ada, ben, eve)] == ["private", "public", "unlisted"]


async def test_long_posts_of_x_come_whole(square: Square) -> None:
    ada = await square.person("ada")
    whole = "Long &amp; good. " * 30 + "See https://t.co/x at its end"
    urls = [{"shortUrl": "https://t.co/x", "expandedUrl": "https://example.org/whole"}]
    longer = {"noteTweetId": "9", "createdAt": "2018-10-10T20:19:23.000Z", "core": {"text": whole, "urls": urls}}
    other = {**longer, "noteTweetId": "8", "core": {"text": "Not " + whole, "urls": []}}
    notes = [{"noteTweet": other}, {"noteTweet": longer}]
    data = of_x(("7", whole[:270] + "… https://t.co/zz"), ("6", "Long & good."), note_tweet=notes)
    assert (await brought(square, ada, data)).wrong == 0
    texts = {(await ada.get(f"/api/v1/statuses/{one['id']}/source"))["text"] for one in await statuses(ada)}
    assert texts == {"Long & good. " * 30 + "See https://example.org/whole at its end", "Long & good."}


async def test_addresses_within_posts_of_x_are_told_apart(square: Square) -> None:
    """One may begin as another one does, and from before X had its own they are as they were written."""
    ada = await square.person("ada")
    urls = [{"url": f"https://t.co/{one}", "expanded_url": f"https://{one}.example/"} for one in ("ab", "abc")]
    urls.append({"url": "http://bit.ly/1", "expanded_url": "https://old.example/"})
    text = "https://t.co/abc and (http://bit.ly/1), and https://t.co/ab."
    tweet = {
        "id_str": "1",
        "full_text": text,
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "entities": {"urls": urls},
    }
    assert (await brought(square, ada, of_x(tweets=[{"tweet": tweet}]))).wrong == 0
    [post] = await statuses(ada)
    text = (await ada.get(f"/api/v1/statuses/{post['id']}/source"))["text"]
    assert text == "https://abc.example/ and (https://old.example/), and https://ab.example/."


def with_files(*names: str) -> dict[str, object]:
    return {"attachment": [{"type": "Document", "mediaType": "image/png", "url": f"/{name}"} for name in names]}


async def test_a_file_that_cannot_be_taken_in_is_left_out_with_its_reason(square: Square) -> None:
    """And the post is there, and all others."""
    ada = await square.person("ada")
    large, broken, *good = [f"media_attachments/files/{number}.png" for number in range(7)]
    most = max(SETTINGS.limits.video_bytes, SETTINGS.limits.image_bytes)
    block = secrets.token_bytes(8192) + bytes(60 * 8192)
    files = {large: block * (most // len(block) + 1), broken: b"no picture"}
    data = mastodon(
        note(1, "<p>One</p>", **with_files(large, broken, *good)),
        note(2, "<p>Two</p>"),
        **files,
        **dict.fromkeys(good, ICON.read_bytes()),
    )
    one = await brought(square, ada, data)
    assert (one.refused, one.total, one.wrong) == ("", 2, 0)
    first, _ = await statuses(ada)
    became = {(group.what, group.why.split()[0] if group.why else ""): group.files for group in one.groups}
    assert became == {
        ("posts", ""): 2,
        ("files", ""): 4,
        ("refused", "It"): 1,
        ("refused", "This"): 1,
        ("refused", "The"): 1,
    }
    assert len(first["media_attachments"]) == 4
    again = await brought(square, ada, data)
    assert again.groups == one.groups
    assert len(await statuses(ada)) == 2


async def test_one_archive_of_a_person_is_taken_in_at_a_time(square: Square) -> None:
    """Also when two are brought in the same moment."""
    ada, services = await square.person("ada"), square.services
    data = mastodon(note(1, "<p>Once</p>"))

    async def bring() -> int:
        return await take_in.bring(
            square.db, services.storage, AccountId(ada.id), "archive.zip", io.BytesIO(data), len(data)
        )

    told = await asyncio.gather(bring(), bring(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Invalid", "int"]
    await square.settle()
    assert len(await statuses(ada)) == 1
    left = [key async for keys in all_keys(services.storage) for key in keys if key.startswith("copies/")]
    assert left == []


async def test_one_that_is_given_up_is_in_nobodys_way(square: Square) -> None:
    ada, storage = await square.person("ada"), square.services.storage
    me, data = AccountId(ada.id), mastodon(note(1, "<p>Once</p>"))
    number = await take_in.bring(square.db, storage, me, "archive.zip", io.BytesIO(data), len(data))
    await take_in.sweep(square.db, storage)
    assert (await take_in.get_transfer(square.db, me, number)).finished_at is None, "its job waits"
    await square.db.execute("DELETE FROM jobs")
    await take_in.sweep(square.db, storage)
    ended = await take_in.get_transfer(square.db, me, number)
    assert (ended.finished_at is not None, "Bring it again" in ended.refused) == (True, True)
    assert [key async for keys in all_keys(storage) for key in keys if key.startswith("copies/")] == []
    await brought(square, ada, data)
    assert len(await statuses(ada)) == 1


async def test_nobody_is_given_a_copy_of_nobody(square: Square) -> None:
    new = await square.person("ada", approved=False)
    await copies.ask_for_copy(square.db, new.id, datetime.now(UTC))
    await square.settle()
    assert await copies.list_copies(square.db, new.id) == []
    assert square.files() == []


async def test_archives_lie_sealed_in_the_store(square: Square) -> None:
    ada, ben, store = await square.person("ada"), await square.person("ben"), square.services.storage
    me, now = AccountId(ada.id), datetime.now(UTC)
    await ada.say("@ben a secret", visibility="direct")
    await copies.ask_for_copy(square.db, me, now)
    await square.settle()
    mine = mastodon(note(1, "<p>Mine</p>"))
    await take_in.bring(square.db, store, AccountId(ben.id), "archive.zip", io.BytesIO(mine), len(mine))
    keys = [key async for some in all_keys(store) for key in some if key.startswith("copies/")]
    assert len(keys) == 2
    for key in keys:
        lying = b"".join([chunk async for chunk in chunks_of(store, key, 1 << 20)])
        assert b"PK\x03\x04" not in lying
        assert b"actor.json" not in lying
    [copy] = await copies.list_copies(square.db, me)
    _, whole = await copies.open_copy(square.db, store, me, copy.id)
    data = b"".join([chunk async for chunk in whole.chunks])
    assert (len(data), whole.content_type) == (copy.bytes, "application/zip")
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert "a secret" in found.read("townsquare/messages.jsonl").decode()


async def test_a_post_that_only_one_part_of_an_archive_has_keeps_no_other_out(square: Square) -> None:
    """It is told, and comes with a later archive that has it in both."""
    ada = await square.person("ada")
    known = {"uri": f"{ACTOR}/statuses/1", "text": "In both", "created_at": "2019-03-01T10:00:00Z"}
    strange = {**known, "uri": f"{ACTOR}/statuses/2", "text": "In one"}
    lines = "\n".join(json.dumps(one) for one in (known, strange)).encode()
    one = await brought(square, ada, mastodon(note(1, "<p>In both</p>"), **{"townsquare/posts.jsonl": lines}))
    assert (one.refused, one.total, one.wrong) == ("", 2, 1)
    assert len(await statuses(ada)) == 1
    both = (note(1, "<p>In both</p>"), note(2, "<p>In one</p>"))
    again = await brought(square, ada, mastodon(*both, **{"townsquare/posts.jsonl": lines}))
    assert (again.total, again.wrong) == (2, 0)
    assert len(await statuses(ada)) == 2


def bomb() -> bytes:
    return packed({"actor.json": {}, "outbox.json": b"0" * 40_000_000})


def climbing() -> bytes:
    return packed({"actor.json": {}, "../../etc/passwd": b"x"})


def linked() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        info = tarfile.TarInfo("outbox.json")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(info)
    return out.getvalue()


def forged() -> bytes:
    other = "https://old.example/users/somebody"
    return mastodon(note(1, "<p>mine</p>", attributedTo=other))


def relayed() -> bytes:
    return mastodon(note(1, "<p>mine</p>") | {"actor": "https://evil.example/users/ada"})


HARM: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing at all": (lambda: b"hello", "no archive"),
    "a bomb": (bomb, "unpacks to more"),
    "a path outside": (climbing, "outside of itself"),
    "a link": (linked, "outside of itself"),
    "no JSON": (lambda: packed({"actor.json": b"{", "outbox.json": b"["}), "cannot be read"),
    "something else": (lambda: packed({"holiday.txt": b"sun"}), "no archive of"),
    "another's posts": (forged, "somebody else"),
    "another's deeds": (relayed, "somebody else"),
    "deep JSON": (lambda: packed({"actor.json": b"[" * 100_000, "outbox.json": b"[]"}), "cannot be read"),
    "half a zip": (lambda: mastodon(note(1, "x"))[:-40], "no archive"),
}


@pytest.mark.parametrize("harm", HARM)
async def test_what_means_harm_is_refused_with_a_sentence(square: Square, harm: str) -> None:
    ada = await square.person("ada")
    make, sentence = HARM[harm]
    one = await brought(square, ada, make())
    assert sentence in one.refused
    assert one.finished_at is not None
    assert await statuses(ada) == []


async def test_a_signed_archive_that_was_changed_is_refused(square: Square) -> None:
    ada = await square.person("ada")
    await ada.say("True words")
    data = await copy_of(square, ada)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        files = {name: found.read(name) for name in found.namelist()}
    changed = files["townsquare/posts.jsonl"].replace(b"True words", b"Fake words")
    one = await brought(square, ada, packed(files | {"townsquare/posts.jsonl": changed}))
    assert "was changed" in one.refused
    one = await brought(square, ada, packed(files | {"more.json": b"{}"}))
    assert "were added" in one.refused


async def test_times_that_cannot_be_and_dates_ahead_stay_out(square: Square) -> None:
    ada = await square.person("ada")
    one = await brought(square, ada, mastodon(note(1, "<p>soon</p>", published="2999-01-01T00:00:00Z")))
    assert (one.total, one.wrong) == (1, 1)


def test_a_seal_holds() -> None:
    file = io.BytesIO(packed({"a.txt": b"words"}))
    seal.sign(file, KEYS, "https://town.example", "@ada@town.example", datetime(2026, 1, 1, tzinfo=UTC))
    with opened(file) as pack:
        told = seal.check(pack)
        assert told is not None
        assert told.account == "@ada@town.example"
        seal.check_file(told, "a.txt", b"words")
        with pytest.raises(Hostile):
            seal.check_file(told, "a.txt", b"Words")
