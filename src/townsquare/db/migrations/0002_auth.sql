-- Signing in: what 0001 lacks for sign-up by an app, for sessions that leave a trace, for refresh tokens and throttling.

ALTER TABLE users ADD COLUMN created_by_app_id bigint;

-- An ended session stays for a while, so that a person can see where they signed in, and a new device can be told.
ALTER TABLE sessions ADD COLUMN ended_at timestamptz;

-- The refresh token before the present one: one that is used again was stolen, and ends the token.
ALTER TABLE oauth_tokens ADD COLUMN old_refresh_hash bytea;
CREATE INDEX oauth_tokens_old_refresh ON oauth_tokens (old_refresh_hash) WHERE old_refresh_hash IS NOT NULL;

ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_check
    CHECK (purpose IN ('confirm', 'reset', 'claim', 'change_email', 'second_factor'));
CREATE INDEX email_tokens_account ON email_tokens (account_id);

-- How often something was tried since a time: guesses at a password by account and by address, messages asked for.
CREATE TABLE attempts (
    subject text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    tries integer NOT NULL
);
CREATE INDEX attempts_started ON attempts (started_at);
