"""The SQL that erases what a deleted account has left in the rows of all rooms.

The account's own rows go table by table, and where they stand twice the other side goes with them, counters included.
What others' rows say of the account is found by walking over everybody in small batches: no index is kept for it.
"""

from collections.abc import Sequence
from typing import Final, LiteralString

from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import AccountId


def _owned(table: LiteralString) -> LiteralString:
    rows = "SELECT ctid FROM " + table + " WHERE account_id = $1 LIMIT $2"
    return "DELETE FROM " + table + " WHERE ctid = ANY(ARRAY(" + rows + "))"


def _naming(table: LiteralString, column: LiteralString) -> LiteralString:
    return "DELETE FROM " + table + " WHERE account_id = ANY($1::bigint[]) AND " + column + " = $2"


OWNED: Final[tuple[LiteralString, ...]] = (
    "account_badges", "account_keys", "account_notes", "announcement_reads", "annual_reports", "blocks",
    "collection_items", "collections", "conversation_posts", "conversations", "desk_members", "digest_letters",
    "digests", "dismissed_suggestions", "domain_blocks", "endorsements", "favourites", "featured_tags", "front_people",
    "front_posts",
    "filter_keywords", "filter_statuses", "filters", "home", "idempotency_keys", "jurors", "list_accounts",
    "lists",
    "macros", "markers", "marks", "media", "misuse", "mentions", "mutes", "notification_mail",
    "notification_permissions",
    "notification_policies", "notification_requests", "notifications", "poll_voters", "polls", "pulled_authors",
    "push_subscriptions", "quotes", "reblogs", "recommended_accounts", "reporters", "scheduled_statuses",
    "severances", "status_cards", "status_edits", "status_search", "status_tags", "suggested",
    "suggestions", "tag_follows", "thread_mutes", "tombstones", "translations", "trend_touched", "trend_uses",
    "trending_statuses", "uris", "visits",
)  # fmt: skip
"""Tables of which the account's own rows go as they are."""

APART: Final = frozenset(
    {"announcement_reactions", "follow_requests", "followers", "follows", "statuses", "oauth_codes", "oauth_tokens",
     "sessions", "email_tokens", "recovery_codes", "invites", "emails", "email_prints", "users", "votes", "passkeys",
     "passkey_handles", "passkey_challenges", "copies", "brought", "brought_lines", "mirror_marks", "mirror_posts",
     "transfers", "transfer_posts", "carried"}
)  # fmt: skip
"""Tables whose rows go with what stands elsewhere because of them, or (to sign in with) in the moment of deletion."""

KEPT: Final = {
    "appeals": "what was contested, and how it was decided, which may be asked about later",
    "outcomes": "what came of reports, which may be asked about later",
    "statement_items": "of what a decision was, as the case itself says",
    "statements": "why something was decided, which courts may ask about",
    "account_ends": "until when what was decided held, which may be asked about later",
    "terminations": "who of the staff said that an account ends before its time, and why",
    "accounts": "the id and the name, which stays taken, and that it was deleted",
    "jury_seats": "what somebody said in a jury, by which a decision was made",
    "removals": "numbers of what was deleted, so that no copy of before brings it back",
    "archive_concerns": "nobody's: what the owners were told of the archive of the whole place",
    "archive_status": "nobody's: how the archive of the whole place is",
    "at_rest": "nobody's: how far a walk over all posts has come",
    "addresses": "how far a walk over everybody has come",
    "canonical_email_blocks": "the address of somebody who was suspended, as a digest",
    "deletions": "that it was deleted, when, and whether by the staff",
    "desk_seen": "what the staff looked at, which may be asked about later",
    "former_followers": "who followed the account of late, by which they can still report what was for them",
    "handles": "the name stays taken",
    "import_people": "under which name a corpus of posts was imported",
    "sealed_posts": "what was deleted can be reported for 30 days",
    "staff_notes": "what the staff told each other, which may be asked about later",
    "reports": "what the staff was told, and what it decided on",
    "strikes": "what the staff decided, which may be asked about later",
    "thread_posts": "the threads of others' answers, by the numbers of the posts",
}
"""What stays, and why."""

_COLUMNS: Final[tuple[tuple[LiteralString, LiteralString], ...]] = (
    ("account_notes", "target_id"),
    ("blocks", "target_id"),
    ("collection_items", "target_id"),
    ("dismissed_suggestions", "target_id"),
    ("endorsements", "target_id"),
    ("home", "author_id"),
    ("home", "original_author_id"),
    ("list_accounts", "member_id"),
    ("marks", "author_id"),
    ("mutes", "target_id"),
    ("notification_permissions", "from_id"),
    ("notification_requests", "from_id"),
    ("notifications", "from_id"),
    ("notifications", "status_author_id"),
    ("poll_voters", "voter_id"),
    ("quotes", "by_id"),
    ("suggestions", "target_id"),
)
NAMING: Final[tuple[LiteralString, ...]] = tuple(_naming(table, column) for table, column in _COLUMNS)
"""What others' rows say of the account."""


async def next_posts(db: Db, account_id: AccountId, after: int, limit: int) -> list[int]:
    """The account's next posts and echoes, by id."""
    records = await db.records(
        "SELECT id FROM statuses WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3", account_id, after, limit
    )
    return [record["id"] for record in records]


async def take_back_favourites(tx: Tx, account_id: AccountId, limit: int) -> int:
    """With the posts' counters. How many there were."""
    records = await tx.records(
        """
        UPDATE marks SET favourite_id = NULL WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM marks WHERE account_id = $1 AND favourite_id IS NOT NULL LIMIT $2))
        RETURNING author_id, status_id
        """,
        account_id, limit,
    )  # fmt: skip
    await tx.execute(
        """
        WITH gone AS (
            DELETE FROM favourites f USING unnest($2::bigint[], $3::bigint[]) AS k (author, id)
            WHERE f.account_id = k.author AND f.status_id = k.id AND f.by_id = $1
            RETURNING f.account_id AS owner, f.status_id AS id
        )
        UPDATE statuses s SET favourites_count = greatest(favourites_count - 1, 0) FROM gone
        WHERE s.account_id = gone.owner AND s.id = gone.id
        """,
        account_id, [record["author_id"] for record in records], [record["status_id"] for record in records],
    )  # fmt: skip
    return len(records)


async def take_back_votes(tx: Tx, account_id: AccountId) -> None:
    """In polls that are open they count no more; what came out of others stays, and names nobody."""
    await tx.execute(
        """
        WITH gone AS (
            DELETE FROM votes WHERE account_id = $1 RETURNING author_id AS owner, status_id AS id, choices
        ), named AS (
            DELETE FROM poll_voters v USING gone
            WHERE v.account_id = gone.owner AND v.status_id = gone.id AND v.voter_id = $1
        )
        UPDATE polls p SET voters_count = greatest(voters_count - 1, 0), tallies = ARRAY(
            SELECT t.tally - (t.place - 1 = ANY(gone.choices))::int
            FROM unnest(p.tallies) WITH ORDINALITY AS t (tally, place) ORDER BY t.place)
        FROM gone
        WHERE p.account_id = gone.owner AND p.status_id = gone.id AND (p.expires_at IS NULL OR p.expires_at > now())
        """,
        account_id,
    )


async def take_back_reactions(tx: Tx, account_id: AccountId) -> None:
    """Those to announcements, with their counts."""
    await tx.execute(
        """
        WITH gone AS (DELETE FROM announcement_reactions WHERE account_id = $1 RETURNING announcement_id, name)
        UPDATE announcement_emojis e SET count = count - 1 FROM gone
        WHERE e.announcement_id = gone.announcement_id AND e.name = gone.name
        """,
        account_id,
    )
    await tx.execute("DELETE FROM announcement_emojis WHERE count <= 0")


async def followed(tx: Tx, account_id: AccountId, limit: int) -> list[AccountId]:
    """Some of those whom the account follows or has asked."""
    records = await tx.records("SELECT target_id FROM follows WHERE account_id = $1 LIMIT $2", account_id, limit)
    return [record["target_id"] for record in records]


async def following(tx: Tx, account_id: AccountId, limit: int) -> list[AccountId]:
    """Some of those who follow the account or have asked."""
    records = await tx.records(
        """
        SELECT follower_id AS id FROM followers WHERE account_id = $1
        UNION SELECT requester_id FROM follow_requests WHERE account_id = $1 LIMIT $2
        """,
        account_id, limit,
    )  # fmt: skip
    return [record["id"] for record in records]


async def lock(tx: Tx, ids: Sequence[AccountId]) -> None:
    """The rows of these accounts, the smaller ids first, until the transaction ends."""
    await tx.execute("SELECT FROM accounts WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE", ids)


async def end_follows(tx: Tx, account_id: AccountId, ids: Sequence[AccountId]) -> None:
    """The account follows none of these any more, whose counters know of it."""
    await tx.execute(
        """
        WITH gone AS (
            DELETE FROM followers WHERE account_id = ANY($2::bigint[]) AND follower_id = $1 RETURNING account_id
        )
        UPDATE accounts a SET followers_count = greatest(followers_count - 1, 0) FROM gone WHERE a.id = gone.account_id
        """,
        account_id, ids,
    )  # fmt: skip
    await tx.execute(
        "DELETE FROM follow_requests WHERE account_id = ANY($2::bigint[]) AND requester_id = $1", account_id, ids
    )
    await tx.execute("DELETE FROM follows WHERE account_id = $1 AND target_id = ANY($2::bigint[])", account_id, ids)


async def end_followers(tx: Tx, account_id: AccountId, ids: Sequence[AccountId]) -> None:
    """None of these follows the account any more; their counters know of it."""
    await tx.execute(
        """
        WITH gone AS (
            DELETE FROM follows WHERE account_id = ANY($2::bigint[]) AND target_id = $1 RETURNING account_id, pending
        )
        UPDATE accounts a SET following_count = greatest(following_count - 1, 0) FROM gone
        WHERE a.id = gone.account_id AND NOT gone.pending
        """,
        account_id, ids,
    )  # fmt: skip
    await tx.execute("DELETE FROM followers WHERE account_id = $1 AND follower_id = ANY($2::bigint[])", account_id, ids)
    await tx.execute(
        "DELETE FROM follow_requests WHERE account_id = $1 AND requester_id = ANY($2::bigint[])", account_id, ids
    )


async def files(db: Db, account_id: AccountId) -> list[str]:
    """The keys of the files of pictures that no post has."""
    records = await db.records(
        """
        SELECT key FROM media, LATERAL (VALUES (file_key), (preview_key), (upload_key)) AS k (key)
        WHERE account_id = $1 AND key IS NOT NULL
        """,
        account_id,
    )
    return [record["key"] for record in records]


async def delete_owned(db: Db, table: int, account_id: AccountId, limit: int) -> int:
    """Some of the account's own rows in the so-manieth table of OWNED. How many there were."""
    return await db.execute(_OWNED[table], account_id, limit)


async def forget(tx: Tx, owners: Sequence[AccountId], account_id: AccountId) -> list[AccountId]:
    """What the rows of these say of the account. Those who said that they have moved to it."""
    for statement in NAMING:
        await tx.execute(statement, owners, account_id)
    await tx.execute(
        "UPDATE home SET reply_to_id = NULL WHERE account_id = ANY($1::bigint[]) AND reply_to_id = $2",
        owners, account_id,
    )  # fmt: skip
    records = await tx.records(
        "UPDATE accounts SET moved_to_id = NULL WHERE id = ANY($1::bigint[]) AND moved_to_id = $2 RETURNING id",
        owners, account_id,
    )  # fmt: skip
    return [record["id"] for record in records]


async def reset_counts(db: Db, account_id: AccountId) -> None:
    await db.execute(
        """
        UPDATE accounts SET followers_count = 0, following_count = 0, statuses_count = 0, last_status_on = NULL,
            public_key = NULL
        WHERE id = $1
        """,
        account_id,
    )


async def forget_authorship(db: Db, account_id: AccountId) -> None:
    """Cards of pages name the account as their author no more."""
    await db.execute(
        """
        UPDATE cards SET author_id = nullif(author_id, $1), claimed_id = nullif(claimed_id, $1)
        WHERE author_id = $1 OR claimed_id = $1
        """,
        account_id,
    )


_OWNED: Final[tuple[LiteralString, ...]] = tuple(_owned(table) for table in OWNED)
