"""Who may see a post: one SQL fragment, which every read of posts uses.

It is decided where the author's rows are. It expects `s` (statuses), `a` (the author's row of accounts) and `k.viewer`
(the reader's account id, 0 for nobody). Whether the reader wants to see it is decided where the reader's rows are.
`OFFSET 0` keeps each question one look-up in an index: without it PostgreSQL may read all followers of an author.
"""

from typing import Final, LiteralString

VISIBLE_TO: Final[LiteralString] = """(
    a.suspended_at IS NULL AND (
        s.account_id = k.viewer
        OR (
            (
                s.visibility <= 1
                OR (s.visibility = 2 AND EXISTS (
                    SELECT FROM followers f WHERE f.account_id = s.account_id AND f.follower_id = k.viewer
                    OFFSET 0))
                OR EXISTS (
                    SELECT FROM mentions n
                    WHERE n.account_id = s.account_id AND n.status_id = s.id AND n.mentioned_id = k.viewer
                    OFFSET 0)
            )
            AND NOT EXISTS (
                SELECT FROM blocks b WHERE b.account_id = s.account_id AND b.target_id = k.viewer
                OFFSET 0)
        )
    )
)"""
