-- The vault: what is kept as evidence is sealed with keys that stand outside the database (kernel/keyring.py, purpose
-- `evidence`), and who of the staff has opened it, and why, is written down. What older versions kept as it was is
-- sealed at the next start (moderation/vault.py), and leaves these columns.

ALTER TABLE report_items
    ADD COLUMN sealed bytea,                       -- its JSON as apps get it, and of a post the text as written
    ADD COLUMN private boolean NOT NULL DEFAULT false,  -- it was not written for everybody
    ALTER COLUMN entity SET DEFAULT '',
    ADD CONSTRAINT report_items_closed CHECK (entity = '' AND text = '') NOT VALID;
ALTER TABLE notice_items
    ADD COLUMN sealed bytea,
    ADD COLUMN private boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT notice_items_closed CHECK (entity = '' AND text = '') NOT VALID;
ALTER TABLE case_items
    ADD COLUMN sealed bytea,
    ADD COLUMN private boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT case_items_closed CHECK (text = '') NOT VALID;
ALTER TABLE statement_items
    ADD COLUMN sealed bytea,
    ADD CONSTRAINT statement_items_closed CHECK (text = '') NOT VALID;
CREATE INDEX report_items_plain ON report_items (report_id) WHERE entity <> '' OR text <> '';
CREATE INDEX notice_items_plain ON notice_items (notice_id) WHERE entity <> '' OR text <> '';
CREATE INDEX case_items_plain ON case_items (case_id) WHERE text <> '';
CREATE INDEX statement_items_plain ON statement_items (case_id) WHERE text <> '';

CREATE TABLE looks (                               -- who of the staff has seen what is kept, or what is private, and why
    id bigint PRIMARY KEY,
    actor_id bigint NOT NULL,                      -- 0: an operator at the terminal
    way text NOT NULL CHECK (way IN ('desk', 'api', 'manage', 'terminal')),
    target text NOT NULL,                          -- `case:1`, `report:2`, `notice:3`, as the audit log says it
    private boolean NOT NULL,                      -- it was not written for everybody: then there is a reason, in the audit log too
    why text NOT NULL,
    looked_at timestamptz NOT NULL,
    CHECK (why <> '' OR NOT private)
);
CREATE INDEX looks_actor ON looks (actor_id, target, looked_at);
CREATE INDEX looks_target ON looks (target, looked_at);
INSERT INTO looks (id, actor_id, way, target, private, why, looked_at)
SELECT (extract(epoch FROM looked_at) * 1000)::bigint << 21 | row_number() OVER (ORDER BY looked_at), account_id, 'desk',
    'case:' || case_id, true, coalesce(nullif(why, ''), '-'), looked_at
FROM desk_seen WHERE looked_at IS NOT NULL;
ALTER TABLE desk_seen DROP COLUMN looked_at, DROP COLUMN why;

CREATE FUNCTION looks_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was looked at is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER looks_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON looks EXECUTE FUNCTION looks_stay();
