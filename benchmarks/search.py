"""How long searches take among a million posts: `python -m benchmarks.search DIR [--posts N] [--write]`.

A PostgreSQL of its own runs in DIR, with the settings of a place. It is filled with made-up posts (the same ones each
time) whose words are as frequent as in a language: the second half as often as the first, the tenth a tenth as often
(Zipf). Their authors, hashtags, answers and languages are as unevenly spread. Then searches of every kind are run one
after another, and the times in which half and ninety-nine of a hundred were answered are printed, and with `--write`
stand in SEARCH.md.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, product
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from benchmarks import machine
from benchmarks.shapes import Machine
from benchmarks.tables import table
from townsquare.accounts import search as people
from townsquare.db.launcher import find_binaries, start, stop
from townsquare.db.migrate import migrate
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import RANDOM_BITS, AccountId
from townsquare.kernel.settings import Settings
from townsquare.statuses.show import no_filters
from townsquare.timelines import store_search_index
from townsquare.timelines.search import Search, search_statuses
from townsquare.timelines.search_query import parse
from townsquare.timelines.search_words import Lexicon

WORDS: Final = 50_000
LENGTH: Final = (4, 34)
"""Words of a post."""
PEOPLE_PER_POST: Final = 1 / 20
SPAN_MS: Final = 2 * 365 * 86_400_000
START_MS: Final = int(datetime(2024, 11, 1, tzinfo=UTC).timestamp() * 1000)
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
READER: Final = AccountId(1)
COMMON: Final = (
    "the", "of", "and", "to", "a", "in", "is", "it", "you", "that", "he", "was", "for", "on", "are", "with", "as",
    "his", "they", "be", "at", "one", "have", "this", "from", "or", "had", "by", "hot", "word", "but", "what", "some",
    "we", "can", "out", "other", "were", "all", "there", "when", "up", "use", "your", "how", "said", "an", "each",
    "she", "which", "do", "their", "time", "if", "will",
)  # fmt: skip
ROUNDS: Final = 100
SETTINGS: Final = Settings(public_url="https://town.example")
RESULTS: Final = Path(__file__).with_name("SEARCH.md")


class World:
    """The words and the people, and which are drawn how often."""

    def __init__(self, posts: int) -> None:
        self.random = random.Random(20)
        self.posts = posts
        made = ["".join(parts) for parts in product(*[[a + b for a in "bdfgklmnprstvw" for b in "aeiouy"]] * 3)]
        self.random.shuffle(made)
        endings = ("", "s", "ed", "ing")
        self.words = [*COMMON, *(made[n] + endings[n % 4] for n in range(WORDS - len(COMMON)))]
        self.weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))
        self.people = max(100, int(posts * PEOPLE_PER_POST))
        self.people_weights = list(accumulate(1 / (rank + 50) for rank in range(self.people)))

    def drawn(self, count: int) -> list[str]:
        return self.random.choices(self.words, cum_weights=self.weights, k=count)

    def name(self, number: int) -> str:
        return f"{self.words[200 + number % 20_000]}_{self.words[60 + number // 20_000]}"

    def accounts(self) -> Iterator[tuple[object, ...]]:
        for number in range(1, self.people + 1):
            shown = f"{self.words[300 + number * 7 % 30_000]} {self.words[400 + number * 13 % 40_000]}".title()
            note = " ".join(self.drawn(12))
            yield number, self.name(number), shown, note, number % 10 != 0, self.people // number, b"{}"

    def statuses(self) -> Iterator[tuple[object, ...]]:
        rest, between = b"x" * 400, SPAN_MS // self.posts
        for number in range(self.posts):
            at = START_MS + number * between
            owner = self.random.choices(range(1, self.people + 1), cum_weights=self.people_weights)[0]
            text = " ".join(self.drawn(self.random.randint(*LENGTH)))
            answers = 1 if number % 3 == 0 else None
            visibility = (0, 0, 0, 0, 0, 0, 0, 1, 2, 2)[number % 10]
            tags = self.drawn(1) if number % 7 == 0 else []
            language = ("en", "en", "en", "de", "fr", None)[number % 6]
            number_id = at << RANDOM_BITS | number % (1 << RANDOM_BITS)
            when = datetime.fromtimestamp(at / 1000, UTC)
            yield (
                *(owner, number_id, visibility, answers, answers, number_id, owner, when, text, number % 20 == 0),
                *(language, tags, b"x" * 100, rest),
            )


STATUS_COLUMNS: Final = (
    "account_id", "id", "visibility", "in_reply_to_id", "in_reply_to_account_id", "root_id", "root_account_id",
    "created_at", "text", "sensitive", "language", "tags", "head", "body",
)  # fmt: skip
ACCOUNT_COLUMNS: Final = (
    "id", "username", "display_name", "note", "discoverable", "followers_count", "body",
)  # fmt: skip


class Filled(msgspec.Struct, frozen=True):
    """What it took to enter the posts: microseconds a post without the index of words, and seconds for that."""

    entering: float
    indexing: float


async def fill(connection: asyncpg.Connection, world: World) -> Filled:
    """Accounts and posts by COPY, then the index by the statement with which the service writes it."""
    await connection.copy_records_to_table("accounts", records=world.accounts(), columns=ACCOUNT_COLUMNS)
    await connection.execute(
        "INSERT INTO handles SELECT coalesce(domain, ''), lower(username), id FROM accounts ON CONFLICT DO NOTHING"
    )
    await connection.copy_records_to_table("statuses", records=world.statuses(), columns=STATUS_COLUMNS)
    await connection.execute("DROP INDEX status_search_terms")
    db = Database.over(connection, keyring.fresh())
    below, begun = (1 << 63) - 1, time.perf_counter()
    while pairs := await store_search_index.lacking(db, below, 5000):
        await store_search_index.index(db, [owner for owner, _ in pairs], [number for _, number in pairs])
        below = pairs[-1][1]
    entering, begun = (time.perf_counter() - begun) / world.posts * 1e6, time.perf_counter()
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.execute(
        "CREATE INDEX status_search_terms ON status_search USING gin (terms) WITH (gin_pending_list_limit = 512)"
    )
    indexing = time.perf_counter() - begun
    await connection.execute("VACUUM ANALYZE")
    return Filled(entering, indexing)


class Kind(msgspec.Struct, frozen=True):
    name: str
    query: Callable[[World], str]
    people: bool = False


def word(first: int, last: int) -> Callable[[World], str]:
    return lambda world: world.words[world.random.randint(first, min(last, WORDS - 1))]


def two(first: Callable[[World], str], second: Callable[[World], str], joined: str = "{} {}") -> Callable[[World], str]:
    return lambda world: joined.format(first(world), second(world))


def typo(world: World) -> str:
    """A name with two letters exchanged."""
    name = world.name(world.random.randint(1, world.people)).partition("_")[0]
    at = world.random.randint(1, len(name) - 2)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def author(world: World) -> str:
    return world.name(world.random.randint(1, 2000))


ANY: Final = word(0, WORDS)
KINDS: Final[Sequence[Kind]] = (
    Kind("the commonest words", word(0, 20)),
    Kind("common words", word(20, 500)),
    Kind("words in one of some thousand posts", word(500, 5_000)),
    Kind("rare words", word(5_000, WORDS)),
    Kind("two words", two(word(0, 200), word(50, 5_000))),
    Kind("two common words", two(word(0, 60), word(0, 60))),
    Kind("this or that", two(word(0, 5_000), word(500, 20_000), "{} or {}")),
    Kind("a phrase", two(word(0, 60), word(0, 1_000), '"{} {}"')),
    Kind("not", two(word(0, 1_000), word(0, 1_000), "{} -{}")),
    Kind("from:", two(word(0, 2_000), author, "{} from:{}")),
    Kind("from: alone", lambda world: f"from:{author(world)} -is:reply"),
    Kind("has:, is:, language:", two(word(0, 5_000), word(0, 0), "{} is:sensitive language:fr -{}")),
    Kind("during:", lambda world: f"{ANY(world)} during:2025-{world.random.randint(1, 12):02}"),
    Kind("#hashtag", lambda world: f"#{world.words[world.random.randint(0, 20_000)]} is:reply"),
    Kind("in:library", two(word(0, 5_000), word(0, 0), "{} in:library")),
    Kind("people by name", lambda world: author(world)[:6], people=True),
    Kind("people with a typo", typo, people=True),
    Kind("people by profile", two(word(60, 2_000), word(60, 2_000)), people=True),
)


async def once(db: Database, lexicon: Lexicon, kind: Kind, query: str) -> float:
    begun = time.perf_counter()
    if kind.people:
        await people.search(db, READER, people.Wanted(query, 20, profiles="too"), here="town.example")
    else:
        asked = Search(READER, parse(query, NOW), Cursor(20), languages=("en",))
        await search_statuses(db, SETTINGS, lexicon, asked, no_filters)
    return (time.perf_counter() - begun) * 1000


class Taken(msgspec.Struct, frozen=True, order=True):
    """How long a search took, in milliseconds: by the clock, and of the processor (PostgreSQL's time and ours).

    On a machine with nothing else to do the two are nearly the same; on a busy one the latter still holds.
    """

    clock: float
    processor: float
    query: str


def processor_time(backend: int) -> float:
    nanoseconds = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return nanoseconds / 1e6 + time.process_time() * 1000


async def measure(dsn: str, world: World) -> tuple[str, dict[str, list[Taken]]]:
    """PostgreSQL's version, and what was taken by each kind of search."""
    taken: dict[str, list[Taken]] = {}
    async with Database.connect(dsn, keyring.fresh, connections=1) as db:
        backend, version = await db.value("SELECT pg_backend_pid()"), await db.value("SHOW server_version")
        lexicon = Lexicon()
        for kind in KINDS:
            queries = [kind.query(world) for _ in range(ROUNDS)]
            for query in queries[:10]:
                await once(db, lexicon, kind, query)
            took = taken[kind.name] = []
            for query in queries:
                before = processor_time(backend)
                clock = await once(db, lexicon, kind, query)
                took.append(Taken(clock, processor_time(backend) - before, query))
    return version, taken


def row(name: str, took: Sequence[Taken]) -> Sequence[str]:
    """In how many milliseconds half, and ninety-nine of a hundred, were answered; the slowest."""
    clock, processor = sorted(one.clock for one in took), sorted(one.processor for one in took)
    half, most = len(took) // 2, len(took) * 99 // 100
    times = (clock[half], clock[most], processor[half], processor[most])
    return (name, *(f"{one:.1f}" for one in times), f"`{max(took).query}`")


def report(world: World, about: Machine, filled: Filled | None, taken: Mapping[str, Sequence[Taken]]) -> str:
    head = ("searches", "p50 ms", "p99 ms", "p50 ms of the processor", "p99", "the slowest")
    rows = [row(name, took) for name, took in taken.items()]
    rows.append(row("all", [one for took in taken.values() for one in took]))
    entered = (
        f"To enter a post took {filled.entering:.0f} µs, and the index of words {filled.indexing:.0f} s for all.\n\n"
        if filled is not None
        else ""
    )
    return (
        f"# How long searches take\n\nWritten by `python -m benchmarks.search DIR --write` on {about.started}, commit "
        f"{about.commit}: {about.cpu}, {about.cores} cores, {about.kernel}, PostgreSQL {about.postgres}, load before "
        f"{about.load}.\n\nAmong {world.posts:,} posts of {world.people:,} people, {ROUNDS} searches of each kind, one "
        "after the other on one connection: by the clock, and of the processor (PostgreSQL's time and ours), which "
        f"holds on a busy machine too.\n\n{entered}{table(head, rows)}\n"
    )


async def run(dsn: str, posts: int) -> str:
    load, world = machine.load(), World(posts)
    connection = await asyncpg.connect(dsn)
    await migrate(connection)
    empty = not await connection.fetchval("SELECT EXISTS (SELECT FROM statuses)")
    filled = await fill(connection, world) if empty else None
    await connection.close()
    version, taken = await measure(dsn, world)
    return report(world, machine.describe(version, load), filled, taken)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("folder", type=Path, help="for the database; it is kept, and measured again the next time")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help=f"into {RESULTS.name}")
    args = parser.parse_args()
    cluster = start(args.folder, find_binaries(None), extra={})
    try:
        text = asyncio.run(run(cluster.dsn, args.posts))
    finally:
        stop(cluster)
    print(text)
    if args.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
