"""Which case comes first: what it is about, how many see it, who says so, and how long it waits."""

from datetime import timedelta

from tests.rooms.moderation.cases.desk import NOW, case, claim, only, pull, removed, review, reviewer, taken_in
from townsquare.auth.tokens import hash_token
from townsquare.db.pool import Database
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases import rating
from townsquare.moderation.cases.gather import Claim
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.notices.keys import make_key
from townsquare.moderation.signals import store
from townsquare.moderation.signals.model import Signal


async def order(db: Database) -> list[int]:
    """In which order somebody gets all that is open; each is given out once."""
    found: list[int] = []
    while (one := await pull(db, reviewer(len(found) + 50))) is not None:
        found.append(one.id)
    return found


async def test_the_worst_comes_first_and_of_two_the_one_that_more_see(db: Database) -> None:
    spam = await only(db, claim(policy="spam", reach=9e6))
    quiet = await only(db, claim(policy="hate", reach=10))
    loud = await only(db, claim(policy="hate", reach=1e6))
    threat = await only(db, claim(policy="violent-threat"))
    assert await order(db) == [threat.id, loud.id, quiet.id, spam.id]


async def test_deadlines_are_those_of_the_policy_or_of_whoever_wants_it_sooner(db: Database) -> None:
    made = await only(db, claim(policy="hate", ago=5))
    assert made.due_at == NOW - timedelta(hours=5) + timedelta(hours=24)
    await db.execute("UPDATE cases SET fixed_due_at = $1", NOW)
    assert (await only(db, claim(policy="hate", post=made.id % 100 + 5000))).due_at > NOW
    async with db.transaction() as tx:
        await rating.rate(tx, [made.id], NOW)
    assert (await case(db, made.id)).due_at == NOW


async def test_one_voice_of_many_does_not_make_it_worse_and_a_quarter_does(db: Database) -> None:
    said = [claim("x", post=1, by=by, policy="spam") for by in range(1, 10)]
    made = await only(db, *said, claim("x", post=1, by=10, policy="terrorism"))
    assert (made.policy, made.severity) == ("spam", 4)
    await taken_in(db, *[claim("x", post=1, by=by, policy="terrorism") for by in (11, 12, 13)])
    assert (await case(db, made.id)).policy == "terrorism"


async def test_who_was_right_before_is_believed_more(db: Database) -> None:
    await db.execute("INSERT INTO reporters (account_id, decided, upheld) VALUES (1, 40, 38), (2, 40, 2)")
    right, wrong, new = [await only(db, claim(by=by)) for by in (1, 2, 3)]
    assert right.trust > 0.9
    assert new.trust == 0.75
    assert wrong.trust < 0.15
    assert await order(db) == [right.id, new.id, wrong.id]


async def test_those_who_act_together_are_one_voice(db: Database) -> None:
    ring = range(100, 130)
    for post in (1, 2, 3):
        await taken_in(db, *[claim("x", post=post, by=by) for by in ring])
    together = await only(db, *[claim("x", post=4, by=by) for by in ring])
    strangers = await only(db, *[claim("x", post=5, by=by) for by in range(200, 230)])
    assert together.voices < 1.5
    assert strangers.voices == 30
    assert strangers.trust > together.trust


async def test_every_fourth_is_the_one_that_is_due_first(db: Database) -> None:
    old = await only(db, claim(policy="spam", ago=24 * 6))
    for _ in range(6):
        await taken_in(db, claim(policy="violent-threat", reach=1e5))
    mod, taken = reviewer(1), list[int]()
    for number in range(4):
        one = await pull(db, mod)
        assert one is not None
        taken.append(one.id)
        await review(db, mod, one.id, "none", policy="spam", now=NOW + timedelta(seconds=number))
    assert old.id not in taken, "threats are due within the hour"
    await db.execute("UPDATE cases SET due_at = $1 WHERE id = $2", NOW - timedelta(days=1), old.id)
    later = [await pull(db, reviewer(60 + number)) for number in range(2)]
    assert old.id not in [one.id for one in later if one is not None]


async def test_what_is_learnt_of_reporters_reaches_what_waits(db: Database) -> None:
    first, waiting = await only(db, claim(by=5)), await only(db, claim(by=5))
    await removed(db, first.id, NOW + timedelta(minutes=1))
    async with db.transaction() as tx:
        assert await rating.rate_again(tx, NOW, NOW + timedelta(minutes=2)) == 1
    assert (await case(db, waiting.id)).trust > waiting.trust


async def test_what_is_learnt_of_many_reporters_is_written_in_one_order(db: Database) -> None:
    """Two cases that are decided at once by reports of the same people would else wait for each other."""
    made = await only(db, *(claim(post=1, by=(number * 37) % 101 + 1) for number in range(100)))
    await review(db, reviewer(1), made.id, "label")
    written = [record[0] for record in await db.records("SELECT account_id FROM reporters ORDER BY ctid")]
    assert len(written) == 100
    assert written == sorted(written)


async def test_a_machine_counts_and_is_contradicted_by_two(db: Database) -> None:
    one = claim(post=1, policy="other")
    await thought(db, one, "classifier:1", right=200, of=200)
    made = await only(db, one)
    assert (made.policy, made.severity) == ("violent-threat", 1)
    assert made.estimate > 0.9
    await review(db, reviewer(1), made.id, "none", policy="other")
    assert (await case(db, made.id)).stage == 2
    await review(db, reviewer(2), made.id, "none", policy="other")
    assert (await case(db, made.id)).state == "decided"


async def thought(db: Database, one: Claim, source: str, *, right: int, of: int) -> None:
    """A machine that was so often right is nearly sure that something is a threat."""
    async with db.transaction() as tx:
        key = await make_key(tx, OPERATOR, source, "", "machine", NOW)
        number = await tx.value("SELECT id FROM notice_keys WHERE token_hash = $1", hash_token(key))
        name, _, version = source.partition(":")
        await store.speak(tx, source, name, version, number, NOW)
        await tx.execute("UPDATE machines SET decided = $2, upheld = $3 WHERE source = $1", source, of, right)
        subject = one.subject
        given = Signal(
            id=new_id(NOW),
            kind=subject.kind,
            owner_id=subject.owner_id,
            item_id=subject.item_id,
            author_id=one.author_id,
            policy="violent-threat",
            source=source,
            score=0.96,
            made_at=NOW,
        )
        await store.put(tx, given)


async def test_a_machine_weighs_by_how_often_it_was_right(db: Database) -> None:
    new, wrong = claim(post=21, policy="other"), claim(post=22, policy="other")
    await thought(db, new, "fresh:1", right=0, of=0)
    await thought(db, wrong, "noise:1", right=5, of=100)
    fresh, noise = await only(db, new), await only(db, wrong)
    assert fresh.trust > noise.trust
    assert 0.6 < fresh.estimate < 0.9
    assert noise.estimate < 0.1
    await review(db, reviewer(1), fresh.id, "none", policy="other")
    assert (await case(db, fresh.id)).state == "decided", "a machine that is new contradicts nobody"


async def test_what_is_learnt_of_machines_reaches_what_waits(db: Database) -> None:
    first, later = claim(post=31), claim(post=32)
    for one in (first, later):
        await thought(db, one, "words:1", right=0, of=0)
    decided, waiting = await only(db, first), await only(db, later)
    await removed(db, decided.id, NOW + timedelta(minutes=1))
    async with db.transaction() as tx:
        assert await rating.rate_again(tx, NOW, NOW + timedelta(minutes=2)) == 1
    assert (await case(db, waiting.id)).estimate > waiting.estimate
