"""What is shown of people who have no picture."""

import io

import pytest
from PIL import Image

from tests.rooms.accounts.people import SETTINGS, entity, person, stranger
from townsquare.accounts.faces import COUNT, GROUNDS, SIZE, WALL, face, face_path, faces
from townsquare.accounts.profile import Picture, render_again
from townsquare.db.migrate import FOLDER
from townsquare.db.pool import Database
from townsquare.db.statements import split
from townsquare.kernel.colours import contrast
from townsquare.kernel.drawing import box, draw, png, slope
from townsquare.kernel.ids import AccountId, new_ids

GREY = "https://town.example/static/avatar.png"
PAPERS = ("#faf7f0", "#ffffff", "#171614", "#1f1e1b")
BESIDE_WORDS = 3.0
"""WCAG 2.2, 1.4.11: of what is drawn with what is around it."""


def test_everybody_has_a_house_of_their_own_among_hundreds() -> None:
    assert len(set(faces().values())) == COUNT
    people = [AccountId(one) for one in new_ids(COUNT)]
    assert len({face_path(one) for one in people}) > COUNT / 2


def test_a_house_is_a_small_picture_that_fills_its_square() -> None:
    for data in faces().values():
        assert len(data) < 2048
    image = Image.open(io.BytesIO(face(0))).convert("RGB")
    assert image.size == (SIZE, SIZE)
    assert image.getpixel((0, 0)) == tuple(bytes.fromhex(GROUNDS[0][1:]))


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_house_is_seen_on_light_pages_and_on_dark_ones(ground: str) -> None:
    for beside in (*PAPERS, WALL):
        assert contrast(ground, beside) >= BESIDE_WORDS


def test_an_edge_is_smooth() -> None:
    image = Image.open(io.BytesIO(png(draw(8, [slope(1, 0, 8, (0, 0), (0, 8))]), ("#000000", "#ffffff")))).convert("L")
    assert [image.getpixel((x, 4)) for x in (0, 3, 4, 5, 7)] == [255, 255, 128, 0, 0]
    upon = Image.open(
        io.BytesIO(png(draw(4, [box(1, 0, 0, 4, 4), box(2, 1, 1, 3, 3)]), ("#000000", "#ff0000", "#0000ff")))
    )
    assert [upon.convert("RGB").getpixel(at) for at in ((0, 0), (2, 2))] == [(255, 0, 0), (0, 0, 255)]


async def test_who_had_the_grey_face_of_before_has_a_house(db: Database) -> None:
    ann, bob, cid = (
        await person(db, "ann", note='","avatar_static":"'),
        await person(db, "bob"),
        await stranger(db, "cid"),
    )
    eve = await person(db, "eve", avatar=Picture("a", "b", "b"))
    await db.execute("UPDATE accounts SET moved_to_id = $2 WHERE id = ANY($1)", [ann, eve], bob)
    await db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", await person(db, "fay"))
    everybody = [AccountId(one["id"]) for one in await db.records("SELECT id FROM accounts")]
    await render_again(db, everybody, SETTINGS.public_url)
    now = [await entity(db, one) for one in everybody]
    await db.execute(
        """
        UPDATE accounts SET body = convert_to(
            regexp_replace(convert_from(body, 'UTF8'), '/static/faces/\\d+\\.png', '/static/avatar.png', 'g'), 'UTF8')
        """
    )
    assert (await entity(db, ann))["avatar"] == (await entity(db, cid))["avatar"] == GREY
    async with db.transaction() as tx:
        for statement in split((FOLDER / "0107_faces.sql").read_text()):
            await tx.connection.execute(statement)
    assert [await entity(db, one) for one in everybody] == now
    assert (await entity(db, ann))["moved"]["avatar_static"] == f"https://town.example/{face_path(bob)}"
