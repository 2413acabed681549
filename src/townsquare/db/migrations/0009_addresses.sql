-- Where the place was reached, and how far that which holds the newest address has been rendered anew for it.

CREATE TABLE addresses (
    url text PRIMARY KEY,
    used_at timestamptz NOT NULL,                  -- when it became the address: the latest one is in use
    part text NOT NULL CHECK (part IN ('accounts', 'posts', 'done')),
    account_id bigint NOT NULL DEFAULT 0,          -- the last one that was rendered; of posts its author
    status_id bigint NOT NULL DEFAULT 0
);
