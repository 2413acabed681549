-- What the staff tell each other about somebody.
CREATE TABLE staff_notes (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id bigint NOT NULL,
    actor_id bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (account_id, id)
);

-- Who came by which invitation, and the latest of them all.
CREATE INDEX invites_latest ON invites (created_at DESC);
CREATE INDEX users_invite_code ON users (invite_code) WHERE invite_code IS NOT NULL;
