"""A suspension that is so old that nothing gives the account back any more."""

from tests.support.square import Person, Square


async def be_over(square: Square, person: Person) -> None:
    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '200 days' WHERE id = $1", person.id)
    await square.db.execute(
        "UPDATE statements SET made_at = now() - interval '200 days' WHERE account_id = $1", person.id
    )
