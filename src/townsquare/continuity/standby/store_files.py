"""The SQL of what becomes of a file that stands on one host alone: whether anything names it."""

import re
from collections.abc import Sequence
from typing import Final

from townsquare.db.pool import Db

_EVIDENCE: Final = "evidence/"
_RANDOM: Final = re.compile(r"(?<=/)[0-9a-f]{32}(?=/)")


async def named(db: Db, keys: Sequence[str]) -> set[str]:
    """Which of these files somebody or something here has: all those of an upload have one name, as a folder.

    What is kept as evidence is named apart: it may be kept longer, or not as long, as what it was made of.
    """
    names = {key: _name(key) for key in keys}
    plain = {name for key, name in names.items() if not key.startswith(_EVIDENCE)}
    kept = {name for key, name in names.items() if key.startswith(_EVIDENCE)}
    shown, held = await _shown(db, plain), await _held(db, kept)
    return {key for key, name in names.items() if name in (held if key.startswith(_EVIDENCE) else shown)}


def _name(key: str) -> str:
    """The random part of a key; the key itself where it has none."""
    found = _RANDOM.search(key)
    return found[0] if found else key


async def _shown(db: Db, names: set[str]) -> set[str]:
    records = await db.records(
        """
        SELECT DISTINCT found.name[1] FROM (
            SELECT unnest(ARRAY[file_key, preview_key, upload_key]) FROM media
            UNION ALL SELECT unnest(
                ARRAY[avatar_key, avatar_static_key, header_key, header_static_key, header_small_key]) FROM accounts
            UNION ALL SELECT unnest(ARRAY[file_key, static_key]) FROM custom_emojis
            UNION ALL SELECT image_key FROM cards
            UNION ALL SELECT key FROM copies
            UNION ALL SELECT key FROM transfers
            UNION ALL SELECT value::text FROM own_settings
        ) AS k (key), LATERAL regexp_matches(k.key, '[0-9a-f]{32}', 'g') AS found (name)
        WHERE found.name[1] = ANY($1)
        """,
        list(names),
    )
    return {record[0] for record in records}


async def _held(db: Db, names: set[str]) -> set[str]:
    records = await db.records(
        """
        SELECT DISTINCT found.name[1] FROM (
            SELECT unnest(file_keys) FROM report_items
            UNION ALL SELECT unnest(file_keys) FROM notice_items
            UNION ALL SELECT unnest(file_keys) FROM sealed_posts
            UNION ALL SELECT key FROM kept_files
        ) AS k (key), LATERAL regexp_matches(k.key, '[0-9a-f]{32}', 'g') AS found (name)
        WHERE found.name[1] = ANY($1)
        """,
        list(names),
    )
    return {record[0] for record in records}
