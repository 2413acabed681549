-- Hashtags and collections are restricted by decisions as posts are (0050): the row says what stands of it.

ALTER TABLE restrictions DROP CONSTRAINT restrictions_kind_check;
ALTER TABLE restrictions ADD CONSTRAINT restrictions_kind_check CHECK (kind IN ('status', 'account', 'tag', 'collection'));
ALTER TABLE tags ADD COLUMN restricted smallint NOT NULL DEFAULT 0;         -- bits as of statuses
ALTER TABLE collections ADD COLUMN restricted smallint NOT NULL DEFAULT 0;
