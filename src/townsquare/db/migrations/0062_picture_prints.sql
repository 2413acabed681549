-- By what a picture is recognised again (see media/prints.py), so that what shows the same picture becomes one case; and
-- what is kept of a deleted post has its pictures.

ALTER TABLE media ADD COLUMN prints bytea;
ALTER TABLE report_items ADD COLUMN prints bytea[] NOT NULL DEFAULT '{}';  -- one for each of its pictures
ALTER TABLE notice_items ADD COLUMN prints bytea[] NOT NULL DEFAULT '{}';
ALTER TABLE sealed_posts
    ADD COLUMN prints bytea[] NOT NULL DEFAULT '{}',
    ADD COLUMN file_keys text[] NOT NULL DEFAULT '{}';  -- sealed copies of these stand under evidence/ in the store
