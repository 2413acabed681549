"""Who may see a post: one rule, which every read of posts uses.

It is decided where the author's rows are. It expects `s` (statuses), `a` (the author's row of accounts) and `k.viewer`
(the reader's account id, 0 for nobody). What the place has held or removed (see `restricted`) its author alone sees.
Whether the reader wants to see it is decided where the reader's rows are.
`OFFSET 0` keeps each question one look-up in an index: without it PostgreSQL may read all followers of an author.
"""

from typing import Final, LiteralString


def _visible(follows: LiteralString, blocked: LiteralString) -> LiteralString:
    return f"""(
        a.suspended_at IS NULL AND (
            s.account_id = k.viewer
            OR (
                s.restricted < 16
                AND (
                    s.visibility <= 1
                    OR (s.visibility = 2 AND {follows})
                    OR EXISTS (
                        SELECT FROM mentions n
                        WHERE n.account_id = s.account_id AND n.status_id = s.id AND n.mentioned_id = k.viewer
                        OFFSET 0)
                )
                AND NOT {blocked}
            )
        )
    )"""


_FOLLOWS: Final[LiteralString] = """
    EXISTS (SELECT FROM followers f WHERE f.account_id = a.id AND f.follower_id = k.viewer OFFSET 0)"""
_BLOCKED: Final[LiteralString] = """
    EXISTS (SELECT FROM blocks b WHERE b.account_id = a.id AND b.target_id = k.viewer OFFSET 0)"""

VISIBLE_TO: Final[LiteralString] = _visible(_FOLLOWS, _BLOCKED)

STANDING: Final[LiteralString] = f"(SELECT {_FOLLOWS} AS follows, {_BLOCKED} AS blocked OFFSET 0)"
"""For reads of many posts of one author: how the viewer stands with them, asked once. It expects `a` and `k.viewer`."""
VISIBLE_BY_STANDING: Final[LiteralString] = _visible("o.follows", "o.blocked")
"""The rule where `o` is STANDING."""

COMES_UP: Final[LiteralString] = "s.restricted < 8"
"""Whether a post may be brought before people who did not ask for its author: the place has not limited it.

Reads of public posts ask this; the index of public posts has only these.
"""

VISIBLE_TO_ALL: Final[LiteralString] = """(
    a.suspended_at IS NULL AND s.restricted < 16 AND s.visibility <= 1
    AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = a.id OFFSET 0)
)"""
"""Whether nobody need be asked for: the post is for everybody, and its author has blocked nobody."""
