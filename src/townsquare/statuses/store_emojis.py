"""SQL of the place's own emojis, and of those profiles and posts that name them."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages


class Emoji(msgspec.Struct, frozen=True):
    """One of the place's own. `visible`: listed where people choose."""

    shortcode: str
    file_key: str
    static_key: str
    category: str | None = None
    visible: bool = True
    disabled: bool = False


class Place(msgspec.Struct, frozen=True):
    """A post on the way over all. `body` is empty where it names none of the emojis."""

    account_id: int
    id: int
    text: str
    spoiler_text: str
    options: list[str]
    """Of its poll."""
    body: bytes


async def everything(db: Db) -> list[Emoji]:
    """All of the place's own, disabled ones too."""
    return await db.rows(
        Emoji,
        """
        SELECT shortcode, file_key, static_key, category, visible, disabled FROM custom_emojis
        WHERE domain = '' ORDER BY category NULLS FIRST, shortcode
        """,
    )


async def lock(db: Db, shortcode: str) -> Emoji | None:
    """One, for the transaction alone to change until it ends."""
    return await db.row(
        Emoji,
        """
        SELECT shortcode, file_key, static_key, category, visible, disabled FROM custom_emojis
        WHERE domain = '' AND shortcode = $1 FOR UPDATE
        """,
        shortcode,
    )


async def put(db: Db, one: Emoji) -> None:
    await db.execute(
        """
        INSERT INTO custom_emojis (shortcode, file_key, static_key, category, visible, disabled)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (domain, shortcode) DO UPDATE
        SET file_key = $2, static_key = $3, category = $4, visible = $5, disabled = $6
        """,
        *msgspec.structs.astuple(one),
    )


async def delete(db: Db, shortcode: str) -> None:
    await db.execute("DELETE FROM custom_emojis WHERE domain = '' AND shortcode = $1", shortcode)


async def accounts_after(db: Db, account_id: int, patterns: Sequence[str], limit: int) -> list[tuple[int, bool]]:
    """The next people who live here, and whether their profile names one of the emojis."""
    records = await db.records(
        """
        SELECT id, (display_name || ' ' || note || ' ' || fields::text) LIKE ANY($2::text[]) AS named
        FROM accounts WHERE id > $1 AND domain IS NULL ORDER BY id LIMIT $3
        """,
        account_id, patterns, limit,
    )  # fmt: skip
    return [(record["id"], record["named"]) for record in records]


async def posts_after(db: Db, account_id: int, status_id: int, patterns: Sequence[str], limit: int) -> list[Place]:
    """The next posts in order, author by author."""
    rows = await db.rows(
        Place,
        """
        SELECT s.account_id, s.id,
            CASE WHEN n.named THEN s.text ELSE '' END AS text,
            CASE WHEN n.named THEN s.spoiler_text ELSE '' END AS spoiler_text,
            CASE WHEN n.named THEN s.body ELSE '' END AS body,
            CASE WHEN n.named THEN coalesce(p.options, '{}') ELSE '{}' END AS options
        FROM statuses s
        LEFT JOIN polls p ON s.has_poll AND p.account_id = s.account_id AND p.status_id = s.id
        CROSS JOIN LATERAL (
            SELECT s.local AND s.reblog_of_id IS NULL AND (
                    concat_ws(' ', s.spoiler_text, s.text, array_to_string(p.options, ' ')) LIKE ANY($3::text[])
                    OR s.visibility = 3) AS named
        ) n
        WHERE (s.account_id, s.id) > ($1, $2) ORDER BY s.account_id, s.id LIMIT $4
        """,
        account_id, status_id, patterns, limit,
    )  # fmt: skip
    return [_opened(db.keys, row) for row in rows]


def _opened(keys: Keyring, row: Place) -> Place:
    of = messages.about(row.account_id, row.id)
    row = messages.opened_fields(keys, of, row)
    return msgspec.structs.replace(row, options=messages.opened_all(keys, of, row.options))


async def rewrite(db: Db, post: Place, body: bytes) -> None:
    """Unless the author has changed it meanwhile: then it was rendered with the emojis as they are now."""
    if messages.is_closed(post.body):
        body = messages.close_body(db.keys, messages.about(post.account_id, post.id), body)
    await db.execute(
        "UPDATE statuses SET body = $4 WHERE account_id = $1 AND id = $2 AND body = $3",
        post.account_id, post.id, post.body, body,
    )  # fmt: skip
