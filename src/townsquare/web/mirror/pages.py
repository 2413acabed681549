"""The pages of the mirror, each made anew from what stands in the database (see continuity.mirror.model.Renderer)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from townsquare.accounts.faces import faces
from townsquare.accounts.store import unsuspended_entities
from townsquare.continuity.mirror import manifest, store
from townsquare.continuity.mirror.model import File, Written
from townsquare.continuity.mirror.places import address, file_of, parts_of, spans
from townsquare.continuity.mirror.store import Row
from townsquare.db.pool import Database
from townsquare.kernel.colours import shades, sheet
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.statuses.branches import Tree, branches_of, tree_of, way_to
from townsquare.statuses.read import Key
from townsquare.statuses.show import show
from townsquare.statuses.store_thread import ThreadPost
from townsquare.web.door.assets import imported, load_assets
from townsquare.web.door.entities import Person, person_of
from townsquare.web.feeds.articles import Feed
from townsquare.web.feeds.paging import Ends
from townsquare.web.mirror.dress import BEGINNING, Articles, Dress, newest
from townsquare.web.outside.atom import LENGTH, about_person, about_place, about_tag, written
from townsquare.web.reading.strip import Strip, strip_of
from townsquare.web.reading.thread import GAP, Twig, twigs_of

FRONT: Final = 40
TAGS: Final = 30
ALL_TAGS: Final = 5000
LETTERS: Final = 500
"""From so many people on, each letter has a page of its own."""
ASSETS: Final = ("tokens.css", "components.css", "icons.svg", "square.svg", "icon.svg")
SCRIPT: Final = "js/mirror.js"
Pair = tuple[int, int]


class Pages:
    """Writes the pages of one place."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._dress = Dress(settings)

    async def _entities(self, pairs: Iterable[Pair]) -> Sequence[bytes]:
        """As nobody in particular sees them."""
        return await show(self._db, 0, [Key(number, owner) for owner, number in pairs])

    # Threads ----------------------------------------------------------------------------------------------------------

    async def posts(self, rows: Sequence[Row]) -> Written:
        around = await store.threads(self._db, sorted({row.root_id for row in rows}))
        names = await store.usernames(self._db, [row.account_id for row in around])
        self._dress.forget()
        for row in around:
            self._dress.name(row.status_id, names[row.account_id])
        trees = _trees(around)
        beside = {pair for row in rows for pair in _beside(trees[row.root_id], row)}
        entities = await self._entities(beside | {(row.account_id, row.status_id) for row in rows})
        known = self._dress.articles(entities, "thread", {str(number) for _, number in beside})
        made = [one for row in rows if str(row.status_id) in known.posts for one in self._thread(row, trees, known)]
        return Written([file for file, _ in made], known.keys.union(*(keys for _, keys in made)))

    def _thread(self, row: Row, trees: dict[int, Tree], known: Articles) -> Iterable[tuple[File, frozenset[str]]]:
        """The page of a post, and those with further answers."""
        tree, post = trees[row.root_id], known.posts[str(row.status_id)]
        way, after, number = way_to(tree, row.status_id), 0, 1
        while True:
            branches = branches_of(tree, row.status_id, after)
            first = not after
            keys = [*(way.keys if first else ()), *(line.key for line in branches.lines)]
            path = post.path if first else f"{post.path}/answers/{number}"
            yield self._dress.page(
                "mirror/thread.html",
                file_of(path) or "",
                path,
                newest([post, *(known.posts[str(key.id)] for key in keys if str(key.id) in known.posts)]),
                post=post,
                before=[_before(known, key) for key in way.keys] if first else [],
                upward=way,
                twigs=twigs_of(branches.lines, known.html),
                next=branches.next,
                further=f"{post.path}/answers/{number + 1}",
                moved=not first,
                draft=None,
                barred="",
            )
            after, number = branches.next, number + 1
            if not after:
                return

    # Lists ------------------------------------------------------------------------------------------------------------

    async def person(self, account_id: int, since: int) -> Written:
        self._dress.forget()
        count = await store.count_of_account(self._db, account_id, _AFTER_ALL)
        found = await unsuspended_entities(self._db, [AccountId(account_id)]) if count else {}
        if not found:
            return Written()
        person = person_of(found[AccountId(account_id)])
        strip = await strip_of(self._db, person, self._settings.public_url)
        pages = [await self._of_person(person, strip, span, count) for span in spans(count, since)]
        latest = await store.of_account(self._db, account_id, max(count - LENGTH, 0), count)
        feed = written(
            self._dress.spoken,
            self._settings,
            f"/@{person.acct}/feed.atom",
            about_person(self._settings, person),
            (await self._entities(latest))[::-1],
            person.created_at,
        )
        return Written.all_of([*pages, Written([File(f"@{person.acct}/feed.atom", feed)])])

    async def _of_person(self, person: Person, strip: Strip, span: tuple[int, int, int], count: int) -> Written:
        number, begin, end = span
        return await self._list(
            "mirror/profile.html",
            f"/@{person.acct}",
            number,
            await store.of_account(self._db, int(person.id), begin, end),
            count,
            since=person.created_at,
            person=person,
            strip=strip,
            tab="posts",
            pinned=Feed(),
            between=None,
            familiar=[],
            covered=False,
        )

    async def tag(self, name: str, since: int) -> Written:
        self._dress.forget()
        count = await store.count_of_tag(self._db, name, _AFTER_ALL)
        if not count:
            return Written()
        if await store.is_hidden(self._db, name):
            count = 0  # Its page is there without them: posts that name it lead to it.
        pages = [
            await self._list(
                "mirror/tag.html",
                f"/tags/{address(name)}",
                number,
                await store.of_tag(self._db, name, begin, end),
                count,
                tag=name,
                used=None,
            )
            for number, begin, end in spans(count, since)
        ]
        latest = (await self._entities(await store.of_tag(self._db, name, max(count - LENGTH, 0), count)))[::-1]
        path = f"/tags/{address(name)}/feed.atom"
        feed = written(self._dress.spoken, self._settings, path, about_tag(self._settings, name), latest, BEGINNING)
        return Written.all_of([*pages, Written([File(file_of(path) or "", feed)])])

    async def _list(
        self,
        template: str,
        path: str,
        number: int,
        pairs: Sequence[Pair],
        count: int,
        since: datetime = BEGINNING,
        **values: object,
    ) -> Written:
        """One page of a list, the newest post first. `number`: 0 for the first page, others count from the oldest.

        `since`: when the list began, which is its time while nothing is in it.
        """
        articles = self._dress.articles(await self._entities(reversed(pairs)), "list")
        last = parts_of(count)
        here = f"{path}/older-{number}" if number else path
        older = (number or last + 1) - 1
        page, keys = self._dress.page(
            template,
            file_of(here) or "",
            here,
            max(newest(articles.posts.values()), since),
            posts=_feed(articles),
            beside=Ends(moved=bool(number)),
            older=f"{path}/older-{older}" if older else "",
            newer="" if not number else path if number == last else f"{path}/older-{number + 1}",
            **values,
        )
        return Written([page], articles.keys | keys)

    # What there is one of ---------------------------------------------------------------------------------------------

    async def front(self) -> Written:
        entities = await self._entities(await store.newest(self._db, FRONT))
        articles = self._dress.articles(entities, "list")
        page, keys = self._dress.page(
            "mirror/front.html",
            "index.html",
            "/",
            newest(articles.posts.values()),
            posts=_feed(articles),
            tags=await store.tags(self._db, TAGS),
        )
        settings = self._settings
        feed = written(self._dress.spoken, settings, "/feed.atom", about_place(settings), entities[:LENGTH], BEGINNING)
        return Written([page, File("feed.atom", feed)], articles.keys | keys)

    async def people(self) -> Written:
        everybody = await store.people(self._db)
        by_letter: dict[str, list[store.Person]] = {}
        for one in everybody:
            by_letter.setdefault(one.username[0].lower(), []).append(one)
        if len(everybody) <= LETTERS:
            by_letter = {"": everybody}
        letters = [(letter, f"/explore/people/{letter}") for letter in by_letter if letter]
        first = next(iter(by_letter), "")
        made = [
            self._dress.page(
                "mirror/people.html",
                f"people/{letter}.html" if letter and letter != first else "people.html",
                "/explore/people",
                BEGINNING,
                people=some,
                whole=len(everybody),
                letters=letters,
                here_letter=letter,
            )
            for letter, some in (by_letter or {"": []}).items()
        ]
        return Written([page for page, _ in made])

    async def tags(self) -> Written:
        found = await store.tags(self._db, ALL_TAGS)
        page, _ = self._dress.page("mirror/tags.html", "tags.html", "/explore/tags", BEGINNING, tags=found)
        return Written([page])

    async def rest(self) -> Written:
        """What changes with the program and the settings only: style sheets, scripts, and what the mirror says."""
        assets = load_assets()
        files = [File(f"static/{assets[name].hash}/{name}", assets[name].data) for name in ASSETS]
        files += [File(path, data) for path, data in faces().items()]
        for name in (SCRIPT, *imported(assets, SCRIPT)):
            files.append(File(f"static/js/{assets[name].hash}/{name.rpartition('/')[2]}", assets[name].data))
        accent = self._settings.look.accent
        if accent:
            files.append(File("look.css", sheet(shades(accent)).encode()))
        files.append(File("robots.txt", b"User-agent: *\nDisallow: /search\n"))
        search, keys = self._dress.page("mirror/search.html", "search.html", "/search", BEGINNING)
        told, more = self._dress.page(
            "mirror/mirror.html", "mirror.html", "/mirror", BEGINNING, key=manifest.public_key(self._db.keys)
        )
        return Written([*files, search, told], keys | more)


_AFTER_ALL: Final = (1 << 63) - 1


def _trees(rows: Iterable[Row]) -> dict[int, Tree]:
    """By their first posts. What is answered and is not in the mirror stands there as a post that one does not see."""
    known: dict[int, dict[int, ThreadPost]] = {}
    for row in rows:
        posts = known.setdefault(row.root_id, {})
        posts[row.status_id] = ThreadPost(row.status_id, row.account_id, row.parent_id)
    for posts in known.values():
        for one in list(posts.values()):
            if one.in_reply_to_id and one.in_reply_to_id not in posts:
                posts[one.in_reply_to_id] = ThreadPost(one.in_reply_to_id, 0, 0)
    return {root: tree_of(posts) for root, posts in known.items()}


def _beside(tree: Tree, row: Row) -> Iterable[Pair]:
    """All posts that stand on the pages of one above and below it."""
    yield from ((key.account_id, key.id) for key in way_to(tree, row.status_id).keys if key.account_id)
    after = 0
    while True:
        branches = branches_of(tree, row.status_id, after)
        yield from ((line.key.account_id, line.key.id) for line in branches.lines if line.key.account_id)
        after = branches.next
        if not after:
            return


def _before(known: Articles, key: Key) -> Twig:
    return Twig(known.html.get(str(key.id), GAP), joined=True)


def _feed(articles: Articles) -> Feed:
    return Feed(list(articles.html), Markup("").join(articles.html.values()))
