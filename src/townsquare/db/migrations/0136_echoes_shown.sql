-- Who echoed a post is told only of echoes that are for everybody: for whom each is stands beside it.

ALTER TABLE reblogs ADD COLUMN visibility smallint NOT NULL DEFAULT 0;
UPDATE reblogs r SET visibility = s.visibility
FROM statuses s WHERE s.account_id = r.by_id AND s.id = r.reblog_id AND s.visibility <> 0;
