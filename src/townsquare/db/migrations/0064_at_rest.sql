-- Email addresses are sealed with keys that stand outside the database (kernel/keyring.py), and found by prints made with
-- another of them (docs/decisions/029-at-rest.md). What older versions kept as it was is sealed at the next start
-- (auth/old_addresses.py), and leaves these columns and the table `emails`.

ALTER TABLE users
    ADD COLUMN email_sealed bytea,
    ADD COLUMN email_print bytea,                  -- of the address, in whatever capitals
    ADD COLUMN email_provider bytea,               -- of its domain, so that the staff find who has the same
    ALTER COLUMN email SET DEFAULT '',
    ADD CONSTRAINT users_closed CHECK (email = '' AND email_sealed IS NOT NULL) NOT VALID;
CREATE INDEX users_email_plain ON users (account_id) WHERE email <> '';
CREATE INDEX users_email_print ON users (email_print);
CREATE INDEX users_email_provider ON users (email_provider, account_id DESC);

CREATE TABLE email_prints (
    print bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE
);
CREATE INDEX email_prints_account ON email_prints (account_id);
ALTER TABLE emails ADD CONSTRAINT emails_closed CHECK (false) NOT VALID;
DROP TRIGGER keep_under_hold ON emails;            -- the row of `users` has the address, sealed

ALTER TABLE email_tokens
    ADD COLUMN sealed bytea,
    ADD CONSTRAINT email_tokens_closed CHECK (email = '') NOT VALID;

ALTER TABLE canonical_email_blocks ADD COLUMN sealed bytea;  -- the digest; `hash` is the print of it
COMMENT ON COLUMN canonical_email_blocks.hash IS 'print of the digest of an address, which is sealed';

ALTER TABLE notice_keys
    ADD COLUMN email_sealed bytea,
    ALTER COLUMN email SET DEFAULT '',
    ADD CONSTRAINT notice_keys_closed CHECK (email = '') NOT VALID;

-- What direct posts say is sealed as well (statuses/messages.py): pieces of text that begin with a mark, bodies that begin
-- with the byte that sealed data begins with. What older versions kept as it was is sealed at the next start
-- (statuses/old_messages.py), which goes over all posts once; where it is stands here.
CREATE TABLE at_rest (
    part text PRIMARY KEY,
    account_id bigint NOT NULL DEFAULT 0,          -- the last post that was looked at
    status_id bigint NOT NULL DEFAULT 0,
    done_at timestamptz
);
INSERT INTO at_rest (part) VALUES ('messages');
ALTER TABLE statuses ADD CONSTRAINT statuses_closed CHECK (
    visibility < 3 OR (left(text, 1) IN ('', E'\x01') AND left(content, 1) IN ('', E'\x01')
        AND left(spoiler_text, 1) IN ('', E'\x01') AND (body = '' OR get_byte(body, 0) = 1) AND tags = '{}')) NOT VALID;
ALTER TABLE scheduled_statuses ADD CONSTRAINT scheduled_statuses_closed CHECK (
    coalesce(params ->> 'visibility', '') <> 'direct') NOT VALID;

-- Whether somebody's posts show as sensitive is written into their bodies; into one that is sealed it cannot be, and is
-- told when it is read.
CREATE OR REPLACE FUNCTION with_sensitive(body bytea, sensitive boolean) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN body <> '' AND get_byte(body, 0) = 1 THEN body ELSE convert_to(
    regexp_replace(convert_from(body, 'UTF8'), '"sensitive":(true|false)', '"sensitive":' || sensitive::text), 'UTF8') END;
