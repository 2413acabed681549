-- Pushes: where an app wants to be told of what happens. A subscription ends with the token that made it.

CREATE TABLE push_subscriptions (
    account_id bigint NOT NULL,
    token_id bigint NOT NULL,
    id integer GENERATED ALWAYS AS IDENTITY,       -- what apps are told; some take it for a number of 32 bits
    endpoint text NOT NULL,
    p256dh bytea NOT NULL,                         -- the app's public key and secret (RFC 8291)
    auth bytea NOT NULL,
    standard boolean NOT NULL,                     -- RFC 8291; else the draft before it
    alerts text[] NOT NULL,                        -- types of notifications
    policy text NOT NULL CHECK (policy IN ('all', 'followed', 'follower', 'none')),
    token bytea NOT NULL,                          -- the access token, encrypted: by it apps tell accounts apart
    failing_since timestamptz,
    PRIMARY KEY (account_id, token_id),
    FOREIGN KEY (account_id, token_id) REFERENCES oauth_tokens (account_id, id) ON DELETE CASCADE
);

-- Mail: of what a person wants to be told by it while they are away.

CREATE TABLE notification_mail (                   -- who has no row has chosen nothing and was told nothing yet
    account_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    types text[],                                  -- null: the usual ones
    always boolean NOT NULL DEFAULT false,         -- also while they are here
    told_id bigint NOT NULL DEFAULT 0,             -- the last notification that a message told of
    told_at timestamptz,
    due_at timestamptz                             -- when what waits is looked at; null: nothing waits
);
ALTER TABLE users ADD COLUMN active_at timestamptz; -- when they were last here, to five minutes
