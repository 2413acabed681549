-- A file is restricted by decisions as posts, hashtags and collections are (0050, 0075): also one that no post shows yet,
-- which then can be attached to none.

ALTER TABLE restrictions DROP CONSTRAINT restrictions_kind_check;
ALTER TABLE restrictions
    ADD CONSTRAINT restrictions_kind_check CHECK (kind IN ('status', 'account', 'tag', 'collection', 'media'));
ALTER TABLE media ADD COLUMN restricted smallint NOT NULL DEFAULT 0;         -- bits as of statuses
