-- Who may answer a post. It also stands in the post's stored JSON where it is not everybody.

ALTER TABLE statuses
    ADD COLUMN reply_policy smallint NOT NULL DEFAULT 0;   -- 0 everybody, 1 followers, 2 those followed, 3 those named, 4 nobody
