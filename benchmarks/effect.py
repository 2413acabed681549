"""How soon a decision holds everywhere, and is taken back everywhere: `python -m benchmarks.effect`; writes EFFECT.md.

Posts, people and hashtags are reported, and decided upon by as many reviewers as it takes; servers, networks, mail
providers and addresses of mail are blocked by one. From the answer to the last of them it is asked again and again, by
somebody else, in each place that showed them, until none does; then the decision is taken back, and it is asked until
all show them as before, with the counters and strikes of before.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from random import choices
from string import ascii_lowercase
from typing import Any, Final

import msgspec

from benchmarks import effect_places as places
from benchmarks import fans, store
from benchmarks.commands import run, tell
from benchmarks.effect_blocks import ways
from benchmarks.effect_desk import Asked, Deed, Desk, Subject, Way, asked, picture, said, until
from benchmarks.effect_places import Eyes, laid
from benchmarks.effect_report import MIRRORED, Found, Times, report
from benchmarks.town import TOWNSQUARE, Person, Town, make_accounts, running

TARGET: Final = Path(__file__).with_name("EFFECT.md")
NAMES: Final = ("author", "reader", "stranger", "first", "second")
WAYS: Final[Mapping[str, Way]] = {
    "A post is removed": Way(action="remove"),
    "A post is held": Way(action="hold"),
    "A post is limited": Way(action="limit"),
    "A post is labelled": Way(action="label"),
    "A post is behind a warning": Way(action="warning"),
    "A post's picture is covered": Way(action="sensitive"),
    "Somebody is warned": Way(account_action="warn"),
    "Somebody's pictures are covered": Way(account_action="sensitive"),
    "Somebody is kept out": Way(account_action="disable"),
    "Somebody is limited": Way(account_action="limit"),
    "Somebody is frozen": Way(account_action="freeze"),
    "Somebody is suspended": Way(account_action="suspend"),
    "A hashtag is removed": Way(action="remove"),
}
LABELLED: Final = ("moderation", "spoiler_text")
WARNED: Final = ("moderation", "spoiler_text", "sensitive")
COVERED: Final = ("moderation", "sensitive")
"""The fields of a post that are others then."""
OWN: Final = "/api/v1/accounts/update_credentials"
Make = Callable[[int], Awaitable[Subject]]
OfPerson = Callable[[Eyes, Person, Any, str], Awaitable[Mapping[str, Asked]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--mirror-rounds", type=int, default=3)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="townsquare-effect-"))
    folder.chmod(0o711)
    try:
        with running(folder, workers=2, port=0) as town:
            found = asyncio.run(measure(town, args.rounds, args.mirror_rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    TARGET.write_text(report(found), encoding="utf-8")
    tell(f"written to {TARGET}")


async def measure(town: Town, rounds: int, mirror_rounds: int) -> Found:
    """Each decision by itself, many times; then some of them at once, where a mirror is laid out."""
    names = [*NAMES, *(f"person{number}" for number in range(6 * rounds + 2 * mirror_rounds))]
    author, reader, stranger, first, second, *others = make_accounts(town, names)
    times: dict[str, Times] = {}
    async with AsyncExitStack() as held:
        db = await held.enter_async_context(store.connected(town.dsn))
        sql = "UPDATE users SET role = 'owner' WHERE account_id = ANY($1)"
        await db.execute(sql, [int(first.id), int(second.id)])
        eyes = Eyes(town, db, reader, stranger)
        desk = await held.enter_async_context(Desk(town, db, reader, [first, second]))
        await _known(eyes, author)
        left = iter(others)
        for name, make in {**_decisions(eyes, desk, author, left), **await ways(eyes, desk, reader)}.items():
            tell(name)
            times[name] = Times([], [])
            for number in range(rounds):
                await fans.wait_until_settled(db, every=0.05)
                await _done_and_taken_back([await make(number)], times[name])
        tell(MIRRORED)
        await _mirrored(eyes, desk, author, [(next(left), next(left)) for _ in range(mirror_rounds)], times)
    return Found(times, eyes.kept)


async def _done_and_taken_back(deeds: Sequence[Deed], times: Times) -> None:
    """One after the other: a reviewer who has decided is given the next case, which is nobody else's for a while."""
    every = {name: place for deed in deeds for name, place in deed.places.items()}
    await until(every, shown=True)
    since: dict[str, float] = {}
    backs = list[Callable[[], Awaitable[None]]]()
    for deed in deeds:
        backs.append(await deed.do())
        since |= dict.fromkeys(deed.places, time.perf_counter())
    times.gone.append(await until(every, shown=False, since=since))
    for deed, back in zip(deeds, backs, strict=True):
        await back()
        since |= dict.fromkeys(deed.places, time.perf_counter())
    times.back.append(await until(every, shown=True, since=since))


def _decisions(
    eyes: Eyes, desk: Desk, author: Person, others: Iterator[Person]
) -> Mapping[str, Callable[[int], Awaitable[Deed]]]:
    """Each way, by a number: what was decided and is the same is not decided once more."""
    subjects = _subjects(eyes, author, others)

    async def deed(name: str, number: int) -> Deed:
        return desk.on(await subjects[name](number), WAYS[name])

    return {name: partial(deed, name) for name in WAYS}


def _subjects(eyes: Eyes, author: Person, others: Iterator[Person]) -> Mapping[str, Make]:
    """What each decision is about: another each time, for what was decided and is the same is not decided once more."""
    return {
        "A post is removed": partial(_post, eyes, author, places.of_post),
        "A post is held": partial(_post, eyes, author, places.of_post),
        "A post is limited": partial(_post, eyes, author, places.of_limited_post),
        "A post is labelled": partial(_post, eyes, author, partial(_marked, LABELLED)),
        "A post is behind a warning": partial(_post, eyes, author, partial(_marked, WARNED)),
        "A post's picture is covered": partial(_post, eyes, author, partial(_marked, COVERED)),
        "Somebody is warned": partial(_person, eyes, others, places.of_warned),
        "Somebody's pictures are covered": partial(_person, eyes, others, places.of_covered),
        "Somebody is kept out": partial(_person, eyes, others, places.of_kept_out),
        "Somebody is limited": partial(_person, eyes, others, places.of_limited),
        "Somebody is frozen": partial(_person, eyes, others, places.of_frozen),
        "Somebody is suspended": partial(_person, eyes, others, places.of_suspended),
        "A hashtag is removed": partial(_tag, eyes, author),
    }


async def _person(eyes: Eyes, others: Iterator[Person], of_person: OfPerson, _number: int) -> Subject:
    person = next(others)
    post = await _known(eyes, person)
    await fans.wait_until_settled(eyes.db, every=0.05)
    where = await of_person(eyes, person, post, f"{person.username}word")
    return Subject("account", int(person.id), {"account_id": person.id}, where)


async def _known(eyes: Eyes, person: Person) -> Any:
    """Have somebody wish to be found, with a picture and a post, and be followed by the reader; the post."""
    given = {"display_name": f"Person {person.username}", "discoverable": "true", "indexable": "true"}
    await asked(eyes.town, person, "PATCH", OWN, data=given, files={"avatar": picture()})
    await asked(eyes.town, eyes.reader, "POST", f"/api/v1/accounts/{person.id}/follow")
    return await said(eyes.town, person, f"{person.username}word")


async def _marked(fields: Sequence[str], eyes: Eyes, author: Person, post: Any, word: str) -> Mapping[str, Asked]:
    return await places.of_marked(eyes, author, post, word, *fields)


async def _post(eyes: Eyes, author: Person, of_post: OfPerson, number: int) -> Subject:
    word = f"quillwort{number}" + "".join(choices(ascii_lowercase, k=6))
    post = await said(eyes.town, author, word)
    await asked(eyes.town, eyes.reader, "POST", f"/api/v1/statuses/{post['id']}/reblog")
    await fans.wait_until_settled(eyes.db, every=0.05)
    given = {"account_id": author.id, "status_ids": [post["id"]]}
    return Subject("status", int(post["id"]), given, await of_post(eyes, author, post, word))


async def _tag(eyes: Eyes, author: Person, number: int) -> Subject:
    word = f"spleenwort{number}"
    post = await said(eyes.town, author, word)
    await fans.wait_until_settled(eyes.db, every=0.05)
    tag: int = await eyes.db.value("SELECT id FROM tags WHERE name = $1", word)
    return Subject("tag", tag, {"tags": [word]}, await places.of_tag(eyes, post, word))


async def _mirrored(
    eyes: Eyes, desk: Desk, author: Person, others: Sequence[tuple[Person, Person]], times: dict[str, Times]
) -> None:
    """A post, somebody limited, somebody suspended and a hashtag, all in the mirror, where it is a folder."""
    folder, rounds = eyes.town.folder / "mirror", list[Sequence[Deed]]()
    for number, (limited, suspended) in enumerate(others):
        post = await said(eyes.town, author, f"bogwort{number}")
        tag = await _tag(eyes, author, 1000 + number)
        await _known(eyes, limited)
        await _known(eyes, suspended)
        rounds.append(
            [
                desk.on(_mirrored_post(folder, author, post, f"bogwort{number}"), WAYS["A post is removed"]),
                desk.on(_mirrored_tag(folder, tag, f"spleenwort{1000 + number}"), WAYS["A hashtag is removed"]),
                desk.on(_mirrored_person(folder, limited, "limited"), WAYS["Somebody is limited"]),
                desk.on(_mirrored_person(folder, suspended, "suspended"), WAYS["Somebody is suspended"]),
            ]
        )
    await fans.wait_until_settled(eyes.db, every=0.05)
    command = [TOWNSQUARE, "mirror", "publish", "--data", str(eyes.town.data), str(folder)]
    run(command, seconds=60, folder=eyes.town.folder)
    times[MIRRORED] = Times([], [])
    for deeds in rounds:
        await _done_and_taken_back(deeds, times[MIRRORED])


def _mirrored_post(folder: Path, author: Person, post: Any, word: str) -> Subject:
    file = "media/" + post["media_attachments"][0]["url"].partition("/media/")[2]
    where = {
        "page of the post": laid(folder, f"@author/{post['id']}.html"),
        "its picture": laid(folder, file),
        "its author's page": laid(folder, "@author.html", word),
        "its author's feed": laid(folder, "@author/feed.atom", word),
        "page of its hashtag": laid(folder, f"tags/{word}.html", word),
    }
    return Subject("status", int(post["id"]), {"account_id": author.id, "status_ids": [post["id"]]}, where)


def _mirrored_tag(folder: Path, tag: Subject, word: str) -> Subject:
    """Its page stays, without posts: pages of posts lead to it."""
    where = {
        "page of the removed hashtag": laid(folder, f"tags/{word}.html", "@author/"),
        "feed of the removed hashtag": laid(folder, f"tags/{word}/feed.atom", "@author/"),
        "list of hashtags": laid(folder, "tags.html", word),
    }
    return msgspec.structs.replace(tag, places=where)


def _mirrored_person(folder: Path, person: Person, how: str) -> Subject:
    name = person.username
    where = {
        f"page of who is {how}": laid(folder, f"@{name}.html"),
        f"page of the hashtag of who is {how}": laid(folder, f"tags/{name}word.html"),
    }
    return Subject("account", int(person.id), {"account_id": person.id}, where)


if __name__ == "__main__":
    main()
