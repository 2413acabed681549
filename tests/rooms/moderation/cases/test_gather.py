"""Reports become cases: one for each thing, one for a campaign, and none twice."""

from datetime import timedelta

from tests.rooms.moderation.cases.desk import (
    NOW,
    THREAT,
    actions,
    case,
    claim,
    only,
    removed,
    review,
    reviewer,
    taken_in,
)
from townsquare.db.pool import Database
from townsquare.moderation.audit import history
from townsquare.moderation.cases.decide import undo


async def test_reports_of_one_post_are_one_case(db: Database) -> None:
    first = claim("Something short", post=7, ago=3)
    made = await only(db, first, claim("Something short", post=7, by=2), claim("Something short", post=7, by=3))
    assert (made.items_count, made.reports_count, made.state) == (1, 3, "open")
    assert made.opened_at == first.filed_at
    again = await only(db, claim("Something short", post=7, by=4))
    assert (again.id, again.reports_count) == (made.id, 4)


async def test_a_report_is_taken_in_once(db: Database) -> None:
    one = claim(THREAT)
    assert len(await taken_in(db, one)) == 1
    assert await taken_in(db, one) == []


async def test_a_campaign_is_one_case_whether_it_comes_at_once_or_one_by_one(db: Database) -> None:
    changed = [
        THREAT.replace("a", "4"),
        f"@anna {THREAT}",
        f"{THREAT} 🔥",
        THREAT.upper(),
        f"{THREAT} https://x.example",
    ]
    made = await only(db, claim(THREAT), *[claim(one) for one in changed[:3]])
    for one in changed[3:]:
        assert (await only(db, claim(one))).id == made.id
    assert (await case(db, made.id)).items_count == 6
    assert await db.value("SELECT count(*) FROM case_prints") < 6, "what is covered needs no print"


async def test_what_is_different_is_another_case(db: Database) -> None:
    texts = ["The choir sings on Friday in the old church, come and hear it", "go away", "go away", THREAT, ""]
    assert len(await taken_in(db, *[claim(one) for one in texts])) == 5


async def test_what_only_a_few_may_see_is_like_nothing_and_waits_apart(db: Database) -> None:
    one, other = await taken_in(db, claim(THREAT), claim(THREAT, queue="private"))
    assert (await case(db, one)).queue == "general"
    assert (await case(db, other)).queue == "private"


async def test_an_outlier_is_looked_at_apart_when_the_rest_is_decided(db: Database) -> None:
    other = THREAT.replace("none of them will walk home again", "none of them is seen any more")
    made = await only(db, claim(THREAT, post=1), claim(THREAT, post=2), claim(other, post=3, by=5))
    assert await db.records("SELECT outlier FROM case_items ORDER BY item_id") == [(False,), (False,), (True,)]
    await removed(db, made.id)
    assert await actions(db, made.id) == [(1, "remove", False), (2, "remove", False)]
    (apart,) = await db.records("SELECT id, origin, prior_id, held_at, reports_count FROM cases WHERE state = 'open'")
    assert (apart["origin"], apart["prior_id"], apart["reports_count"]) == ("outlier", made.id, 1)
    assert apart["held_at"] is not None, "it stays hidden as the rest was"
    assert (await case(db, made.id)).items_count == 2


async def test_in_a_campaign_what_is_like_one_of_it_belongs_to_it_and_no_longer_chain(db: Database) -> None:
    words = [
        "meet",
        "them",
        "tonight",
        "before",
        "council",
        "house",
        "carry",
        "stones",
        "never",
        "again",
        "forget",
        "march",
        "river",
        "bridge",
        "wait",
        "signal",
    ]
    first, second, third, fourth = (" ".join(words[at : at + 10]) for at in (0, 2, 4, 6))
    made = await only(db, *[claim(first, post=number) for number in range(1, 6)])
    for number, text in enumerate((second, third, fourth), 6):
        assert (await only(db, claim(text, post=number))).id == made.id
    outliers = await db.records("SELECT outlier FROM case_items ORDER BY item_id")
    assert [one[0] for one in outliers] == [False] * 7 + [True]


async def test_what_comes_later_is_decided_as_before_where_the_policy_lets_it(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1))
    await removed(db, made.id)
    assert await taken_in(db, claim(f"{THREAT}!!", post=2, by=8), now=NOW + timedelta(days=1)) == []
    assert await actions(db, made.id) == [(1, "remove", False), (2, "remove", False)]
    assert await db.value("SELECT upheld FROM case_reports WHERE reporter_id = 8") is True
    assert await db.value("SELECT count(*) FROM jobs WHERE kind = 'CaseDecided'") == 2
    (entry, *_) = await history(db, f"case:{made.id}")
    assert (entry.actor, entry.action, entry.reason) == ("the place itself", "case.join", "")
    assert (entry.after["kind"], entry.after["id"], entry.after["action"]) == ("status", "2", "remove")
    likeness = entry.after["similarity"]
    assert isinstance(likeness, float), "how like it is that nobody looked at"
    assert 0.8 <= likeness <= 1

    await db.execute("UPDATE policies SET joins_from = NULL WHERE code = 'hate'")
    after = await only(db, claim(THREAT, post=3))
    assert (after.prior_id, after.state) == (made.id, "open")


async def test_what_was_fine_is_told_and_not_repeated(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1))
    await review(db, reviewer(1), made.id, "none")
    like = await only(db, claim(f"{THREAT} 🔥", post=2))
    assert like.prior_id == made.id, "another post is looked at, and it is said what was decided of one like it"
    assert await taken_in(db, claim(THREAT, post=1, by=9)) == [], "the same post is not"
    assert await db.value("SELECT upheld FROM case_reports WHERE reporter_id = 9") is False
    worse = await only(db, claim(THREAT, post=1, policy="violent-threat"))
    assert (worse.prior_id, worse.severity) == (made.id, 1)
    changed = await only(db, claim("Now it says something else entirely, which is worse by far", post=2))
    assert changed.id == like.id, "it waits in a case already"


async def test_an_undone_case_waits_again_and_reporters_are_counted_back(db: Database) -> None:
    made = await only(db, claim(THREAT, by=7))
    await removed(db, made.id)
    assert await db.records("SELECT decided, upheld FROM reporters WHERE account_id = 7") == [(1, 1)]
    async with db.transaction() as tx:
        await undo(tx, reviewer(1), made.id, "A mistake", NOW, again=True)
    assert await db.records("SELECT decided, upheld FROM reporters WHERE account_id = 7") == [(0, 0)]
    after = await case(db, made.id)
    assert (after.state, after.round, after.stage) == ("open", 2, 1)
    await removed(db, made.id)
    assert (await case(db, made.id)).action == "remove"
