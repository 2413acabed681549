"""What shows the same picture is one case, as what says the same is."""

from datetime import timedelta

import pytest
from PIL import Image, ImageOps

from tests.rooms.media.pictures import scene
from tests.rooms.moderation.cases.desk import NOW, THREAT, actions, case, claim, only, removed, taken_in
from tests.rooms.moderation.cases.desk import review as said
from tests.rooms.moderation.cases.desk import reviewer as somebody
from townsquare.db.pool import Database
from townsquare.media.prints import prints_of

OTHER_WORDS = "The choir sings on Friday in the old church, come and hear it with your children"


def of(picture: Image.Image) -> list[bytes]:
    prints = prints_of(picture)
    assert prints is not None
    return [prints]


@pytest.fixture(scope="module")
def one() -> list[bytes]:
    return of(scene(1))


@pytest.fixture(scope="module")
def copy() -> list[bytes]:
    return of(ImageOps.mirror(scene(1)).resize((300, 225)))


@pytest.fixture(scope="module")
def another() -> list[bytes]:
    return of(scene(2))


async def test_copies_of_a_picture_are_one_case(
    db: Database, one: list[bytes], copy: list[bytes], another: list[bytes]
) -> None:
    made = await only(db, claim(pictures=one), claim("ha", pictures=copy))
    assert (await only(db, claim(pictures=[*another, *copy]))).id == made.id, "one of several is enough"
    assert (await only(db, claim(pictures=another))).id != made.id
    assert not any(await outliers(db))


async def outliers(db: Database) -> list[bool]:
    return [record[0] for record in await db.records("SELECT outlier FROM case_items ORDER BY item_id")]


async def test_the_same_picture_under_other_words_is_looked_at_apart(
    db: Database, one: list[bytes], copy: list[bytes], another: list[bytes]
) -> None:
    made = await only(
        db,
        claim(THREAT, post=1, pictures=one),
        claim(f"{THREAT}!", post=2, pictures=copy),
        claim(OTHER_WORDS, post=3, pictures=copy),
        claim(THREAT, post=4, pictures=another),
    )
    assert await outliers(db) == [False, False, True, True]
    assert (await only(db, claim(OTHER_WORDS, post=5))).id != made.id, "what an outlier says brings nothing along"
    await removed(db, made.id)
    assert await actions(db, made.id) == [(1, "remove", False), (2, "remove", False)]


async def test_a_text_with_a_picture_and_without_are_one_case(db: Database, one: list[bytes]) -> None:
    made = await only(db, claim(THREAT), claim(THREAT, pictures=one))
    assert await outliers(db) == [False, False]
    assert (await only(db, claim(pictures=one))).id == made.id
    assert await outliers(db) == [False, False, True], "it has nothing in common with what the case began with"


async def test_what_is_shown_again_is_decided_as_before_if_nothing_else_is_in_it(
    db: Database, one: list[bytes], copy: list[bytes], another: list[bytes]
) -> None:
    made = await only(db, claim(post=1, pictures=one))
    await removed(db, made.id)
    later = NOW + timedelta(days=1)
    assert await taken_in(db, claim(post=2, pictures=copy), now=later) == []
    assert await actions(db, made.id) == [(1, "remove", False), (2, "remove", False)]
    for pictures, text in (([*copy, *another], ""), (copy, OTHER_WORDS)):
        after = await only(db, claim(text, pictures=pictures), now=later)
        assert (after.prior_id, after.state) == (made.id, "open"), "it is said what was decided of one like it"


async def test_another_picture_makes_it_another_post(db: Database, one: list[bytes], another: list[bytes]) -> None:
    made = await only(db, claim(OTHER_WORDS, post=1, pictures=one))
    await said(db, somebody(1), made.id, "none")
    assert await taken_in(db, claim(OTHER_WORDS, post=1, pictures=one)) == []
    after = await only(db, claim(OTHER_WORDS, post=1, pictures=another))
    assert (await case(db, after.id)).prior_id == made.id


async def test_pictures_that_only_a_few_may_see_are_like_nothing(db: Database, one: list[bytes]) -> None:
    assert len(await taken_in(db, claim(pictures=one), claim(pictures=one, queue="private"))) == 2
    assert len(await taken_in(db, claim(), claim())) == 2, "nor is what shows nothing"
