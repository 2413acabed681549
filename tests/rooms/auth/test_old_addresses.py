"""Addresses that an older version kept in the database as they were are sealed, and go on to be found."""

import pytest

from tests.rooms.auth.conftest import Place
from tests.rooms.auth.place import NOW
from townsquare.auth.email_tokens import find_token
from townsquare.auth.old_addresses import close_addresses
from townsquare.auth.tokens import hash_token
from townsquare.auth.users import find_user, get_user

OPEN_AGAIN = """
    ALTER TABLE users DROP CONSTRAINT users_closed;
    ALTER TABLE emails DROP CONSTRAINT emails_closed;
    ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_closed
"""


@pytest.fixture
async def old(place: Place) -> Place:
    """A place as an older version has left it: Ada, and a link that was sent to her next address."""
    ada = await place.person("ada")
    await place.db.execute(OPEN_AGAIN)
    await place.db.execute("UPDATE users SET email = 'Ada@Example.org', email_sealed = NULL, email_print = NULL")
    await place.db.execute("DELETE FROM email_prints")
    await place.db.execute("INSERT INTO emails VALUES ('ada@example.org', $1)", ada.account_id)
    await place.db.execute(
        """
        INSERT INTO email_tokens (token_hash, account_id, purpose, email, expires_at)
        VALUES ($1, $2, 'change_email', 'next@example.org', $3)
        """,
        hash_token("token"),
        ada.account_id,
        NOW.replace(year=NOW.year + 1),
    )
    return place


async def test_no_row_has_an_address_any_more_and_everything_goes_on(old: Place) -> None:
    await close_addresses(old.db)
    await close_addresses(old.db)  # nothing is left to do
    for table in ("users", "emails", "email_prints", "email_tokens"):
        rows = await old.db.records("SELECT to_jsonb(t)::text FROM " + table + " t")  # pyright: ignore[reportArgumentType]  (names above)
        assert not any("example.org" in row[0] for row in rows)
    ada = await find_user(old.db, "ADA@example.org")
    assert ada is not None
    assert ada.email == "Ada@Example.org"
    assert (await find_token(old.db, "change_email", "token", NOW)).email == "next@example.org"
    assert (await get_user(old.db, ada.account_id)) == ada


async def test_what_is_sealed_for_one_opens_for_nobody_else(place: Place) -> None:
    ada, ben = await place.person("ada"), await place.person("ben")
    await place.db.execute(
        "UPDATE users SET email_sealed = (SELECT email_sealed FROM users WHERE account_id = $2) WHERE account_id = $1",
        ada.account_id,
        ben.account_id,
    )
    with pytest.raises(Exception, match="moved from its place"):
        await get_user(place.db, ada.account_id)
