"""Who of those who watch is concerned by what happened.

What everybody may watch is found in memory. Of home timelines and lists the database knows: it is asked for all facts
of a moment together, however many watch (see store_audience).
"""

from collections.abc import Collection, Sequence

from townsquare.db.pool import Db
from townsquare.timelines.streaming import store_audience as store
from townsquare.timelines.streaming.listeners import Listeners
from townsquare.timelines.streaming.model import Feed, PostFact, Told
from townsquare.timelines.streaming.outlet import Subscription

Place = tuple[int, int]
"""Which of the facts, and for whom."""


async def concerned(db: Db, told: Sequence[Told], listeners: Listeners) -> list[tuple[Told, Subscription]]:
    """Facts with those to whom they are told, in their order. Who may see a post is asked when it is rendered."""
    out = [(one, each) for one in told for feed in _feeds(one) for each in listeners.on(feed)]
    posts = [(one, one.fact) for one in told if isinstance(one.fact, PostFact)]
    if posts and listeners.readers:
        for at, reader in await at_home(db, [fact for _, fact in posts], listeners.readers):
            out += [(posts[at][0], each) for each in listeners.on(("user", reader, ""))]
    posts = [(one, fact) for one, fact in posts if not fact.private]
    if posts and listeners.lists:
        for at, (owner, number) in await in_lists(db, [fact for _, fact in posts], list(listeners.lists)):
            out += [(posts[at][0], each) for each in listeners.on(("list", owner, str(number)))]
    return sorted(out, key=lambda pair: pair[0].id)


def _feeds(one: Told) -> Sequence[Feed]:
    return list(one.fact.feeds()) if isinstance(one.fact, PostFact) else [one.fact.feed]


async def at_home(db: Db, facts: Sequence[PostFact], readers: Collection[int]) -> set[Place]:
    """In whose home timelines the posts are (see timelines.home and tagged, whose rules these are)."""
    follow = await _followers(db, facts, readers)
    tagged = await _tag_followers(db, facts, readers) - follow
    own = {(at, fact.account_id) for at, fact in enumerate(facts) if fact.account_id in readers and not fact.hidden}
    named = {(at, one) for at, fact in enumerate(facts) for one in fact.named if one in readers}
    asked = [(at, reader, facts[at].reply_to_id) for at, reader in follow - own if facts[at].event != "delete"]
    asked += [(at, reader, None) for at, reader in tagged - own if facts[at].event != "delete"]
    # To come upon a post by its hashtag is enough, whomever it answers.
    unwanted = await _unwanted(db, facts, asked) if asked else set[Place]()
    return (follow | tagged | own | named) - unwanted


async def _followers(db: Db, facts: Sequence[PostFact], readers: Collection[int]) -> set[Place]:
    """Those who follow; of a direct post, only those whom it names will see it, and its end is told to them alone."""
    chosen = [(at, fact) for at, fact in enumerate(facts) if not (fact.private and fact.event == "delete")]
    few = [at for at, fact in chosen if fact.followers <= len(readers)]
    many = [at for at, fact in chosen if fact.followers > len(readers)]
    out: set[Place] = set()
    for some, among in ((few, None), (many, list(readers))):
        if some:
            authors = [facts[at].account_id for at in some]
            echoes = [facts[at].original_id is not None for at in some]
            languages = [None if facts[at].private else facts[at].language for at in some]
            if among is None:
                found = await store.followers(db, authors, echoes, languages)
            else:
                found = await store.followers_among(db, among, authors, echoes, languages)
            out.update((some[at], one) for at, ids in found for one in ids if one in readers)
    return out


async def _tag_followers(db: Db, facts: Sequence[PostFact], readers: Collection[int]) -> set[Place]:
    tags = list({tag for fact in facts if _goes_by_tags(fact) for tag in fact.tags})
    if not tags:
        return set()
    most = len(readers)
    found = dict(await store.tag_followers(db, tags, most))
    many = [tag for tag, ids in found.items() if len(ids) > most]
    if many:
        found = {tag: ids for tag, ids in found.items() if len(ids) <= most} | dict(
            await store.tag_followers_among(db, list(readers), many)
        )
    return {
        (at, one)
        for at, fact in enumerate(facts)
        if _goes_by_tags(fact)
        for tag in fact.tags
        for one in found.get(tag, ())
        if one in readers
    }


def _goes_by_tags(fact: PostFact) -> bool:
    return bool(fact.tags) and fact.found


async def _unwanted(db: Db, facts: Sequence[PostFact], asked: Sequence[tuple[int, int, int | None]]) -> set[Place]:
    found = await store.unwanted(
        db,
        [reader for _, reader, _ in asked],
        [facts[at].account_id for at, _, _ in asked],
        [None if answered in (facts[at].account_id, reader) else answered for at, reader, answered in asked],
        [facts[at].status_id for at, _, _ in asked],
        [facts[at].original_id if facts[at].event == "update" else None for at, _, _ in asked],
    )
    return {asked[index][:2] for index in found}


async def in_lists(
    db: Db, facts: Sequence[PostFact], lists: Sequence[tuple[int, int]]
) -> list[tuple[int, tuple[int, int]]]:
    """Which posts which lists show."""
    found = await store.listed(
        db,
        lists,
        [fact.account_id for fact in facts],
        [fact.original_id is not None for fact in facts],
        [fact.language for fact in facts],
        [None if fact.reply_to_id == fact.account_id else fact.reply_to_id for fact in facts],
    )
    return [(post, lists[number]) for number, post in found]
