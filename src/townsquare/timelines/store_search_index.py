"""The SQL of the search index: what posts are found by, and the words of a query in the same form.

A post is entered with its words as they are (without accents, see 0018_search.sql), so that a phrase is exactly one;
beside them, without a place in the text, with the stems of those that have one in the post's language ("en run") and
with marks ("has image", "lang en", "tag market"). A space is in none of the words, so nobody can write a mark.
"""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Pair
from townsquare.timelines.search_query import Lexemes

STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Languages whose words PostgreSQL can bring to a stem, and its names of how."""


# What a post is found by: of `s` (its row), `d` (what it says, what of that its author wrote, its tags, the marks of
# its files), and the stemmers `$3` and `$4`.
_TERMS: Final[LiteralString] = """
    w.words || array_to_tsvector(array_remove(ARRAY[
        CASE WHEN s.in_reply_to_id IS NOT NULL THEN 'is reply' END,
        CASE WHEN s.sensitive THEN 'is sensitive' END,
        CASE WHEN d.written ~* 'https?://' THEN 'has link' END,
        CASE WHEN EXISTS (
            SELECT FROM status_cards t, cards c WHERE t.account_id = s.account_id AND t.status_id = s.id
                AND c.url = t.url AND c.details ->> 'kind' IN ('video', 'rich')) THEN 'has embed' END,
        CASE WHEN s.has_poll THEN 'has poll' END,
        CASE WHEN s.quoted_id IS NOT NULL THEN 'has quote' END,
        CASE WHEN s.quoted_id IS NOT NULL THEN 'is quote' END,
        'lang ' || lower(split_part(s.language, '-', 1)),
        'lang ' || lower(s.language)
    ], NULL) || d.marks || ARRAY(SELECT 'tag ' || tag FROM unnest(d.tags) AS tag) || ARRAY(
        SELECT l.code || ' ' || folded(stem)
        FROM unnest(tsvector_to_array(to_tsvector(l.config::regconfig, d.text))) AS stem
        WHERE folded(stem) <> '' AND folded(stem) <> ALL(tsvector_to_array(w.words))
    ))
"""
_WORDS: Final[LiteralString] = """
    CROSS JOIN LATERAL (SELECT to_tsvector('simple', search_text(d.text)) AS words OFFSET 0) w
    LEFT JOIN unnest($3::text[], $4::text[]) AS l (code, config) ON l.code = lower(split_part(s.language, '-', 1))
"""
_MARKS: Final[LiteralString] = """
    SELECT string_agg(m.description, E'\\n') AS descriptions, array_remove(array_cat(
        array_agg('has ' || CASE m.kind WHEN 'gifv' THEN 'video' ELSE m.kind END),
        ARRAY[CASE WHEN count(*) > 0 THEN 'has media' END]), NULL) AS marks
    FROM media m WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids)
"""
_INDEX: Final[LiteralString] = f"""
    INSERT INTO status_search (account_id, status_id, terms)
    SELECT s.account_id, s.id, {_TERMS}
    FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
    JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
    CROSS JOIN LATERAL (
        SELECT left(concat_ws(E'\\n', s.spoiler_text, s.text, m.descriptions, (
            SELECT array_to_string(p.options, E'\\n') FROM polls p
            WHERE p.account_id = s.account_id AND p.status_id = s.id)), 100000) AS text,
            s.text AS written, s.tags, m.marks
        FROM ({_MARKS}) m
    ) d
    {_WORDS}
    WHERE s.reblog_of_id IS NULL AND s.visibility < 3
    ORDER BY 1, 2
    ON CONFLICT (account_id, status_id) DO UPDATE SET terms = excluded.terms
"""
_DIRECT: Final[LiteralString] = f"""
    SELECT s.id FROM unnest($1::bigint[], $2::bigint[], $5::text[], $6::text[]) AS k (owner, id, said, tags)
    JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
    CROSS JOIN LATERAL (
        SELECT left(k.said, 100000) AS text, k.said AS written, string_to_array(nullif(k.tags, ''), ' ') AS tags,
            m.marks
        FROM ({_MARKS}) m
    ) d
    {_WORDS}
    WHERE $7 = '' OR ({_TERMS}) @@ $7::text::tsquery
"""


async def index(db: Db, owners: Sequence[int], ids: Sequence[int]) -> None:
    """Enter posts with their terms, or enter them anew. Echoes have no text of their own. Direct posts are not entered:
    what they say is sealed, and words in an index are not."""
    await db.execute(_INDEX, owners, ids, list(STEMMERS), list(STEMMERS.values()))


async def direct(db: Db, said: Mapping[Pair, tuple[str, Sequence[str]]], query: str) -> list[int]:
    """Of direct posts, with what they say and their tags: the ids of those that a query finds, by the terms that they
    would have in the index."""
    records = await db.records(
        _DIRECT,
        [owner for owner, _ in said],
        [number for _, number in said],
        list(STEMMERS),
        list(STEMMERS.values()),
        [text for text, _ in said.values()],
        [" ".join(tags) for _, tags in said.values()],
        query,
    )
    return [record[0] for record in records]


async def lacking(db: Db, below: int, most: int) -> list[tuple[int, int]]:
    """Owners and ids of the latest posts below an id that may have to be entered."""
    records = await db.records(
        """
        SELECT s.account_id, s.id FROM statuses s WHERE s.id < $1 AND s.reblog_of_id IS NULL AND s.visibility < 3
        ORDER BY s.id DESC LIMIT $2
        """,
        below,
        most,
    )
    return [(record[0], record[1]) for record in records]


async def lexemes(db: Db, asked: Sequence[tuple[str, tuple[str, ...]]]) -> list[Lexemes]:
    """For each word or phrase, and the languages to be thought of: what it is in the index."""
    pairs = [[(code, STEMMERS[code]) for code in codes if code in STEMMERS] for _, codes in asked]
    records = await db.records(
        """
        SELECT phraseto_tsquery('simple', search_text(k.text))::text, CASE WHEN strpos(k.text, ' ') = 0 THEN ARRAY(
            SELECT l.code || ' ' || folded(stem)
            FROM unnest(string_to_array(k.codes, ','), string_to_array(k.configs, ',')) AS l (code, config)
            CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector(l.config::regconfig, k.text))) AS stem
        ) ELSE '{}' END
        FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k (text, codes, configs, n) ORDER BY k.n
        """,
        [text for text, _ in asked],
        [",".join(code for code, _ in some) for some in pairs],
        [",".join(config for _, config in some) for some in pairs],
    )
    return [Lexemes(exact, stems) for exact, stems in records]


class Census(msgspec.Struct, frozen=True):
    """How many posts there are, and of the commonest terms in which part of them they stand, from 0 to 1."""

    posts: float = 0.0
    shares: Mapping[str, float] = {}


async def census(db: Db) -> Census:
    """What PostgreSQL has counted when it last took statistics (ANALYZE); nothing before it has."""
    records = await db.records(
        """
        SELECT (SELECT reltuples::float8 FROM pg_class WHERE oid = 'status_search'::regclass),
            most_common_elems::text::text[], most_common_elem_freqs
        FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'status_search' AND attname = 'terms'
        """
    )
    if not records:
        return Census()
    posts, terms, shares = records[0]
    # Behind the shares of the terms stand the least and the greatest of them.
    return Census(posts, dict(zip(terms or (), shares or (), strict=False)))
