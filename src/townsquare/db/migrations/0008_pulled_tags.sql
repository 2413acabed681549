-- Hashtags that so many follow that posts are not pushed to them, but pulled in when a home timeline is read; they stay so.

CREATE TABLE pulled_tags (
    tag text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tag_follows_order ON tag_follows (tag, id);
DROP INDEX tag_follows_tag;
