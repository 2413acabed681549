-- Single files of posts, and hashtags, can be reported as posts are. A hashtag is nobody's: where a report is of one
-- alone its `target_id` is 0.

ALTER TABLE reports
    ADD COLUMN media_ids bigint[] NOT NULL DEFAULT '{}',   -- of the files that are meant, in posts of `status_ids`
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}';          -- as `tags` has their names
