-- How the pages look to a person: theme, contrast, motion, size, zone, language (auth/model.py, Appearance).

ALTER TABLE users ADD COLUMN appearance jsonb NOT NULL DEFAULT '{}';

-- Passkeys: public keys of credentials that people's devices keep (WebAuthn level 3).

CREATE TABLE passkey_handles (                     -- what devices know a person by: random, says nothing of them
    handle bytea PRIMARY KEY,
    account_id bigint NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE
);
CREATE TABLE passkeys (
    account_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    id bigint NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,                     -- COSE
    sign_count bigint NOT NULL,
    name text NOT NULL,
    transports text[] NOT NULL,
    discoverable boolean NOT NULL,                 -- signs in without a name
    synced boolean NOT NULL,                       -- kept by more than one device (backup state)
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (account_id, credential_id);

-- Questions to a device that wait for its answer; each is taken once. Nobody's where it is not known yet who comes.

CREATE TABLE passkey_challenges (
    hash bytea PRIMARY KEY,                        -- SHA-256 of the challenge
    account_id bigint NOT NULL,                    -- 0: nobody's yet
    purpose text NOT NULL CHECK (purpose IN ('register', 'sign_in', 'confirm')),
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_expires ON passkey_challenges (expires_at);
