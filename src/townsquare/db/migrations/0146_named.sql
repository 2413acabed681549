-- Whom a post names or answers, and an echo those of its post, stands with it, and in a home timeline those beside whom it
-- answers: a reader who keeps one of them away is not shown it. NULL where it is nobody but the author, as in most.

ALTER TABLE statuses ADD COLUMN named bigint[];
ALTER TABLE home ADD COLUMN named bigint[];

UPDATE statuses s SET named = n.ids
FROM (
    SELECT x.account_id, x.id, array_agg(DISTINCT x.one) AS ids
    FROM (
        SELECT m.account_id, m.status_id AS id, m.mentioned_id AS one
        FROM mentions m JOIN statuses q ON q.account_id = m.account_id AND q.id = m.status_id
        WHERE m.mentioned_id IS DISTINCT FROM q.quoted_account_id
        UNION ALL
        SELECT account_id, id, in_reply_to_account_id FROM statuses WHERE in_reply_to_account_id IS NOT NULL
    ) x
    WHERE x.one <> x.account_id GROUP BY x.account_id, x.id
) n
WHERE s.account_id = n.account_id AND s.id = n.id;

UPDATE statuses e SET named = o.named
FROM statuses o
WHERE o.account_id = e.reblog_of_account_id AND o.id = e.reblog_of_id AND o.named IS NOT NULL;

UPDATE home h SET named = nullif(array_remove(s.named, h.reply_to_id), '{}')
FROM statuses s
WHERE s.account_id = h.author_id AND s.id = h.status_id AND s.named IS NOT NULL
    AND s.named <> ARRAY[h.reply_to_id];
