-- A place moves to another domain: browsers are carried over by codes that are good once and for a moment, and passkeys
-- belong to the domain at which they were made (docs/decisions/030-domains.md). Which domains there are is a setting of the
-- place's own (`domains` in own_settings).

CREATE TABLE carried (
    code_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    session_id bigint NOT NULL,
    state bytea NOT NULL,                          -- digest of what the browser keeps at the new domain meanwhile
    expires_at timestamptz NOT NULL
);
CREATE INDEX carried_account ON carried (account_id);
ALTER TABLE passkeys ADD COLUMN made_at_host text; -- null: at the domain that is the place's now
