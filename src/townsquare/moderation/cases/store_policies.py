"""The SQL of policies, of how they were worded before, and of which policy a rule of the place is a case of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Policy, Wording

_POLICY: Final[LiteralString] = """
    code, name, text, severity, allowed, dsa_category, dsa_keyword, decision_ground, queue, second_review,
    hold_meanwhile, joins_from, acts_from, preserve, position, ended_at, legal_ground, translations, version
"""


class Version(msgspec.Struct, frozen=True):
    """A policy as it was worded from a time on."""

    version: int
    made_at: datetime
    name: str
    text: str
    legal_ground: str
    translations: Mapping[str, Wording]


async def all_of_them(db: Db) -> list[Policy]:
    """Those that have ended too, for what was decided by them stays."""
    records = await db.records("SELECT " + _POLICY + " FROM policies ORDER BY position, code")
    return [msgspec.convert(dict(record), Policy) for record in records]


async def names(db: Db, language: str) -> dict[str, str]:
    """What each is called, by its code; those that have ended too."""
    return {one.code: one.said(language).name for one in await all_of_them(db)}


async def by_code(db: Db, code: str) -> Policy | None:
    records = await db.records("SELECT " + _POLICY + " FROM policies WHERE code = $1", code)
    return msgspec.convert(dict(records[0]), Policy) if records else None


async def lock(tx: Tx) -> None:
    """Have the policies for this transaction alone to change; they can be read and decided by meanwhile."""
    await tx.execute("LOCK TABLE policies IN SHARE ROW EXCLUSIVE MODE")


async def put(tx: Tx, one: Policy) -> None:
    """A new one, or one that is changed."""
    *row, translations, version = msgspec.structs.astuple(one)
    await tx.execute(
        """
        INSERT INTO policies (
            code, name, text, severity, allowed, dsa_category, dsa_keyword, decision_ground, queue, second_review,
            hold_meanwhile, joins_from, acts_from, preserve, position, ended_at, legal_ground, translations, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
        ON CONFLICT (code) DO UPDATE SET name = $2, text = $3, severity = $4, allowed = $5, dsa_category = $6,
            dsa_keyword = $7, decision_ground = $8, queue = $9, second_review = $10, hold_meanwhile = $11,
            joins_from = $12, acts_from = $13, preserve = $14, position = $15, ended_at = $16, legal_ground = $17,
            translations = $18, version = $19, updated_at = now()
        """,
        *row,
        msgspec.json.encode(translations).decode(),
        version,
    )


async def insert_version(tx: Tx, code: str, actor_id: int, now: datetime) -> None:
    """Keep a policy as it is now."""
    await tx.execute(
        """
        INSERT INTO policy_versions (policy, version, state, actor_id, made_at)
        SELECT code, version, to_jsonb(p), $2, $3 FROM policies p WHERE code = $1
        """,
        code,
        actor_id,
        now,
    )


async def versions(db: Db, code: str) -> list[Version]:
    """The latest first."""
    records = await db.records(
        """
        SELECT version, made_at, state ->> 'name' AS name, state ->> 'text' AS text,
            state ->> 'legal_ground' AS legal_ground, state -> 'translations' AS translations
        FROM policy_versions WHERE policy = $1 ORDER BY version DESC
        """,
        code,
    )
    return [msgspec.convert(dict(record), Version) for record in records]


async def place(tx: Tx, codes: Sequence[str]) -> None:
    """Have them in this order."""
    await tx.execute(
        """
        UPDATE policies p SET position = o.position
        FROM unnest($1::text[]) WITH ORDINALITY AS o (code, position) WHERE p.code = o.code
        """,
        codes,
    )


async def of_rules(db: Db, rule_ids: Sequence[int]) -> dict[int, str]:
    """By rule."""
    records = await db.records("SELECT rule_id, policy FROM policy_rules WHERE rule_id = ANY($1::bigint[])", rule_ids)
    return {record[0]: record[1] for record in records}


async def bind_rules(tx: Tx, code: str, rule_ids: Sequence[int]) -> None:
    """Have these rules of the place, and no others, be cases of a policy."""
    await tx.execute("DELETE FROM policy_rules WHERE policy = $1 AND rule_id <> ALL($2::bigint[])", code, rule_ids)
    await tx.execute(
        """
        INSERT INTO policy_rules (rule_id, policy)
        SELECT id, $1 FROM rules WHERE id = ANY($2::bigint[]) AND deleted_at IS NULL
        ON CONFLICT (rule_id) DO UPDATE SET policy = $1
        """,
        code,
        rule_ids,
    )
