"""Where posts, people and hashtags are met: each place says whether it is as before a decision, or as decided."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from benchmarks.commands import Trouble
from benchmarks.effect_desk import Asked, asked, pressed, signed_in
from benchmarks.town import Person, Town
from townsquare.db.pool import Tx
from townsquare.moderation.store_accounts import strikes_standing

ACTIVITY: Final = {"accept": "application/activity+json"}
POLICY: Final = "Spam"
"""What the policy is called by which the benchmark decides."""
_AGE: Final = re.compile(r"(s-maxage|max-age)=([0-9]+)")


class Kept(msgspec.Struct):
    """For how many seconds a shared cache may give out an answer: of what shows something, and of what refuses it."""

    shown: int = 0
    refused: int = 0


class Eyes:
    """Those who ask: a reader who follows everybody, a stranger who follows nobody, and who has no account."""

    def __init__(self, town: Town, db: Tx, reader: Person, stranger: Person) -> None:
        self.town, self.db, self.reader, self.stranger = town, db, reader, stranger
        self.kept: dict[str, Kept] = {}

    def among(self, path: str, post: Any, *, follower: bool = False) -> Asked:
        """Whether a list of the API has a post, or an echo of it."""

        async def ask() -> bool:
            page = await asked(self.town, self.reader if follower else self.stranger, "GET", path)
            return any(post["id"] in (one["id"], (one["reblog"] or one)["id"]) for one in page or ())

        return ask

    def found(self, kind: str, word: str, id_or_name: str) -> Asked:
        """Whether a search finds it."""

        async def ask() -> bool:
            given = {"q": word, "type": kind}
            answer = await asked(self.town, self.stranger, "GET", "/api/v2/search", params=given)
            return any(id_or_name in (one.get("id"), one.get("name")) for one in answer[kind])

        return ask

    def same(self, path: str, before: Any, **otherwise: object) -> Asked:
        """Whether an entity is as it was, all of it; decided, it is `otherwise` in these fields and nothing else."""
        decided = {**before, **otherwise}

        async def ask() -> bool | None:
            now = await asked(self.town, self.stranger, "GET", path)
            return None if now not in (before, decided) else now == before

        return ask

    def gone(self, path: str, before: Any) -> Asked:
        """Whether an entity is there as it was; decided, there is none."""

        async def ask() -> bool | None:
            now = await asked(self.town, self.stranger, "GET", path)
            return False if now is None else (True if now == before else None)

        return ask

    def changed(self, path: str, before: Any, *fields: str) -> Asked:
        """Whether an entity is as it was, all of it; decided, it is another in these fields and in nothing else."""

        async def ask() -> bool | None:
            now = await asked(self.town, self.stranger, "GET", path)
            other = {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}
            return {frozenset[str](): True, frozenset(fields): False}.get(frozenset(other))

        return ask

    def unmarked(self, url: str, mark: str) -> Asked:
        """Whether a page does not have what is written beside something when that is decided."""

        async def ask() -> bool:
            async with httpx.AsyncClient(timeout=60) as client:
                return mark not in (await client.get(url)).text

        return ask

    def strikes(self, person: Person, decided: int = 1) -> Asked:
        """Whether none of theirs count."""

        async def ask() -> bool | None:
            counting = await strikes_standing(self.db, int(person.id), datetime.now(UTC))
            return {0: True, decided: False}.get(counting)

        return ask

    def opened(self, name: str, url: str, word: str = "", accept: Mapping[str, str] | None = None) -> Asked:
        """Whether who has no account gets it, and it has the word in it; asked as a shared cache asks again."""
        known: dict[str, str] = {}
        kept = self.kept.setdefault(name, Kept())

        async def ask() -> bool:
            async with httpx.AsyncClient(timeout=60) as client:
                answer = await client.get(url, headers={**(accept or {}), "cache-control": "no-cache", **known})
            if answer.status_code == HTTPStatus.NOT_MODIFIED:
                return True
            there = answer.status_code == HTTPStatus.OK and (not word or word in answer.text)
            if there:
                known.update({"if-none-match": answer.headers["etag"]} if "etag" in answer.headers else {})
                kept.shown = max(kept.shown, lifetime(answer))
            else:
                kept.refused = max(kept.refused, lifetime(answer))
            return there

        return ask


def lifetime(answer: httpx.Response) -> int:
    """For how many seconds a shared cache may give it out (RFC 9111, 4.2.1). Raises Trouble where that is not said."""
    said = answer.headers.get("cache-control", "")
    if any(word in said for word in ("no-store", "no-cache", "private")):
        return 0
    ages = {name: int(number) for name, number in _AGE.findall(said)}
    if not ages:
        raise Trouble(f"{answer.url} does not say for how long it may be kept ({answer.status_code}, {said!r})")
    return ages.get("s-maxage", ages.get("max-age", 0))


async def of_post(eyes: Eyes, author: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """A post with a hashtag, a picture and one echo, by the reader."""
    town, url, number = eyes.town, eyes.town.url, post["id"]
    before = await asked(town, eyes.stranger, "GET", f"/api/v1/statuses/{number}")
    people = [await asked(town, eyes.stranger, "GET", f"/api/v1/accounts/{one.id}") for one in (author, eyes.reader)]
    fewer = [{"statuses_count": one["statuses_count"] - 1} for one in people]
    if before["reblogs_count"] != 1:
        raise Trouble("the post was not echoed")
    frame, feed = f"{post['url']}/embed", f"{url}/@{author.username}/feed.atom"
    return {
        "the post, with its counters": eyes.gone(f"/api/v1/statuses/{number}", before),
        "public timeline": eyes.among("/api/v1/timelines/public?local=true", post),
        "timeline of its hashtag": eyes.among(f"/api/v1/timelines/tag/{word}", post),
        "its author's posts": eyes.among(f"/api/v1/accounts/{author.id}/statuses", post),
        "echoes": eyes.among(f"/api/v1/accounts/{eyes.reader.id}/statuses", post),
        "home of a follower": eyes.among("/api/v1/timelines/home", post, follower=True),
        "search": eyes.found("statuses", word, number),
        "its author's profile, with one post less": eyes.same(f"/api/v1/accounts/{author.id}", people[0], **fewer[0]),
        "the echoer's profile, with one less": eyes.same(f"/api/v1/accounts/{eyes.reader.id}", people[1], **fewer[1]),
        "its author's strikes": eyes.strikes(author),
        "its page": eyes.opened("page of a post", post["url"], word),
        "its author's page": eyes.opened("page of a person", f"{url}/@{author.username}", word),
        "its page in a frame": eyes.opened("page in a frame", frame, word),
        "its author's feed": eyes.opened("feed", feed, word),
        "for other servers": eyes.opened("document for other servers", post["uri"], word, ACTIVITY),
        "oEmbed": eyes.opened("oEmbed", f"{url}/api/oembed?url={post['url']}"),
        "API without an account": eyes.opened("API without an account", f"{url}/api/v1/statuses/{number}", word),
        "its picture": eyes.opened("file", post["media_attachments"][0]["url"]),
    }


async def of_marked(eyes: Eyes, author: Person, post: Any, word: str, *fields: str) -> Mapping[str, Asked]:
    """A post that is seen as before, with something said of it, or its picture covered."""
    path = f"/api/v1/statuses/{post['id']}"
    before = await asked(eyes.town, eyes.stranger, "GET", path)
    page = {} if "spoiler_text" not in fields else {"its page": eyes.unmarked(post["url"], POLICY)}
    return {"the post": eyes.changed(path, before, *fields), "its author's strikes": eyes.strikes(author), **page}


async def of_limited_post(eyes: Eyes, author: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """A post that does not come before people who did not ask for it."""
    return {
        "public timeline": eyes.among("/api/v1/timelines/public?local=true", post),
        "timeline of its hashtag": eyes.among(f"/api/v1/timelines/tag/{word}", post),
        "search": eyes.found("statuses", word, post["id"]),
        "page of its hashtag": eyes.opened("page of a hashtag", f"{eyes.town.url}/tags/{word}", f"/{post['id']}"),
        "its author's strikes": eyes.strikes(author),
    }


async def of_covered(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Somebody whose pictures are covered."""
    path = f"/api/v1/statuses/{post['id']}"
    before = await asked(eyes.town, eyes.stranger, "GET", path)
    return {"a post": eyes.changed(path, before, "sensitive"), "strikes": eyes.strikes(person)}


async def of_warned(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Somebody who is told, and nothing else."""
    return {"strikes": eyes.strikes(person)}


async def of_kept_out(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Somebody who may not come in."""

    async def comes_in() -> bool:
        return await asked(eyes.town, person, "GET", "/api/v1/accounts/verify_credentials") is not None

    return {"an app": comes_in, "strikes": eyes.strikes(person)}


async def of_limited(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Somebody with a post, and where neither comes before people who did not ask for them."""
    url, before = eyes.town.url, await asked(eyes.town, eyes.stranger, "GET", f"/api/v1/accounts/{person.id}")
    return {
        "profile, marked": eyes.same(f"/api/v1/accounts/{person.id}", before, limited=True),
        "strikes": eyes.strikes(person),
        **_coming_up(eyes, person, post, word),
        "page of a hashtag": eyes.opened("page of a hashtag", f"{url}/tags/{word}", f"@{person.username}"),
        "front page": eyes.opened("front page", f"{url}/public", word),
    }


def _coming_up(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    return {
        "public timeline": eyes.among("/api/v1/timelines/public?local=true", post),
        "timeline of a hashtag": eyes.among(f"/api/v1/timelines/tag/{word}", post),
        "search for posts": eyes.found("statuses", word, post["id"]),
        "search for people": eyes.found("accounts", f"Person {person.username}", person.id),
    }


async def of_suspended(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Somebody who is gone, with all that is theirs."""
    url, path = eyes.town.url, f"/api/v1/accounts/{person.id}"
    before = await asked(eyes.town, eyes.stranger, "GET", path)
    old = await asked(eyes.town, eyes.stranger, "GET", f"/api/v1/statuses/{post['id']}")
    home = f"{url}/@{person.username}"
    return {
        "profile, an empty one": profile_of(eyes, before),
        "strikes": eyes.strikes(person),
        **_coming_up(eyes, person, post, word),
        "a post": eyes.gone(f"/api/v1/statuses/{post['id']}", old),
        "their posts": eyes.among(f"{path}/statuses", post),
        "home of a follower": eyes.among("/api/v1/timelines/home", post, follower=True),
        "profile page": eyes.opened("page of a person", home, word),
        "page of a post": eyes.opened("page of a post", post["url"], word),
        "page of a hashtag": eyes.opened("page of a hashtag", f"{url}/tags/{word}", f"@{person.username}"),
        "front page": eyes.opened("front page", f"{url}/public", word),
        "feed": eyes.opened("feed", f"{home}/feed.atom", word),
        "profile for other servers": eyes.opened("document for other servers", before["uri"], accept=ACTIVITY),
        "picture of a post": eyes.opened("file", post["media_attachments"][0]["url"]),
        "picture of the profile": eyes.opened("file", before["avatar_static"]),
    }


def profile_of(eyes: Eyes, before: Any) -> Asked:
    """Whether somebody's profile is as it was; decided, nothing is left of it but the name."""

    async def ask() -> bool | None:
        now = await asked(eyes.town, eyes.stranger, "GET", f"/api/v1/accounts/{before['id']}")
        bare = now.get("suspended", False)
        return True if now == before else (False if bare and not now["note"] and not now["display_name"] else None)

    return ask


async def of_frozen(eyes: Eyes, person: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Somebody who may write nothing that others see, by an app or signed in; all that is theirs stays."""
    town, number = eyes.town, post["id"]
    browser = await signed_in(town, person)

    async def writes() -> bool:
        return await asked(town, person, "POST", f"/api/v1/statuses/{number}/favourite") is not None

    async def presses() -> bool:
        answer = await pressed(browser, f"/posts/{number}/favourite", f"/@{post['account']['acct']}/{number}")
        return answer.status_code != HTTPStatus.FORBIDDEN

    return {"writing by the API": writes, "writing by the pages": presses, "strikes": eyes.strikes(person)}


async def of_tag(eyes: Eyes, post: Any, word: str) -> Mapping[str, Asked]:
    """A hashtag; the posts that have it stay."""
    return {
        "timeline of the hashtag": eyes.among(f"/api/v1/timelines/tag/{word}", post),
        "search for hashtags": eyes.found("hashtags", word, word),
        "its page": eyes.opened("page of a hashtag", f"{eyes.town.url}/tags/{word}", f"/{post['id']}"),
        "its feed": eyes.opened("feed", f"{eyes.town.url}/tags/{word}/feed.atom", post["uri"]),
    }


def laid(folder: Path, path: str, word: str = "") -> Asked:
    """Whether a file of the mirror is there, with the word in it."""

    async def look() -> bool:
        file = folder / path
        return file.exists() and (not word or word in file.read_text(encoding="utf-8"))

    return look
