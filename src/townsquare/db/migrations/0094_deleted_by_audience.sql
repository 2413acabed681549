-- What its author deletes can be reported by whoever could see it: also what was not for everybody, and also when the
-- author has deleted their account.

ALTER TABLE sealed_posts
    ADD COLUMN visibility smallint NOT NULL DEFAULT 0,            -- as of the post: all that were kept so far were public
    ADD COLUMN named bigint[] NOT NULL DEFAULT '{}',              -- whom it named, and had not been blocked before
    ADD COLUMN written_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE sealed_posts
    ALTER COLUMN visibility DROP DEFAULT, ALTER COLUMN named DROP DEFAULT, ALTER COLUMN written_at DROP DEFAULT;
DROP TRIGGER keep_under_hold ON sealed_posts;      -- no row goes while it is under a hold; see moderation/holds.py

ALTER TABLE followers ADD COLUMN since timestamptz NOT NULL DEFAULT now();
ALTER TABLE followers ALTER COLUMN since SET DEFAULT clock_timestamp();  -- moments, not those of transactions

-- Whoever removes a follower and then deletes what the follower has read is to be reported all the same.
CREATE TABLE former_followers (                    -- owned by who was followed; for as long as deleted posts are kept
    account_id bigint NOT NULL,
    follower_id bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, follower_id, until)
);
CREATE INDEX former_followers_until ON former_followers (until);

CREATE FUNCTION keep_former_followers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO former_followers (account_id, follower_id, since)
    SELECT account_id, follower_id, since FROM gone WHERE local ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_former_followers AFTER DELETE ON followers REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION keep_former_followers();
