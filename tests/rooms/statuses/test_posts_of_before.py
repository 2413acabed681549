"""Posts that were stored when all of a post stood in its JSON read as before, and their authors may quote them."""

import pytest

from tests.support.square import Square
from townsquare.db.migrate import FOLDER
from townsquare.db.statements import split
from townsquare.statuses import messages

APPROVAL = '"quote_approval":{"automatic":[],"manual":[],"current_user":"denied"}'
OF_BEFORE = f'"poll":null,"quote":null,{APPROVAL},"tagged_collections"'


@pytest.mark.parametrize(("visibility", "current_user"), [("public", "automatic"), ("direct", "denied")])
async def test_what_varies_is_taken_out_of_them(square: Square, visibility: str, current_user: str) -> None:
    ann = await square.person("ann")
    post = await ann.say('We say "poll":null, and mean it', visibility=visibility, quote_approval_policy="nobody")
    of = messages.about(ann.id, int(post["id"]))
    body = messages.opened_body(square.db.keys, of, await square.db.value("SELECT body FROM statuses"))
    await square.db.execute("ALTER TABLE statuses DROP CONSTRAINT statuses_closed")
    await square.db.execute("UPDATE statuses SET body = $1", body)
    await square.db.execute(
        """
        UPDATE statuses SET quote_policy = 0, body = convert_to(replace(
            convert_from(body, 'UTF8'), '"tagged_collections"', $1), 'UTF8')
        """,
        OF_BEFORE,
    )
    (update,) = [one for one in split((FOLDER / "0012_posts.sql").read_text()) if "\nUPDATE" in f"\n{one}"]
    async with square.db.transaction() as tx:
        await tx.connection.execute(update)
    answer = await ann.request("GET", f"/api/v1/statuses/{post['id']}")
    assert answer.json() == post
    assert (answer.text.count('"quote_approval"'), answer.json()["quote_approval"]["current_user"]) == (1, current_user)
