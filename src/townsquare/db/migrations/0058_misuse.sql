-- Misuse (Digital Services Act, article 23): who was warned, and then suspended from reporting or from appealing,
-- because what they reported (or contested) was clearly unfounded again and again. The two are counted apart.

CREATE TABLE misuse (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    way text NOT NULL CHECK (way IN ('reports', 'appeals')),
    step text NOT NULL CHECK (step IN ('warning', 'suspension')),
    unfounded integer NOT NULL,                    -- what it was for: how many of how many that were decided
    decided integer NOT NULL,
    made_at timestamptz NOT NULL,
    until timestamptz,                             -- of a suspension
    undone_at timestamptz,                         -- taken back by the staff; what was before it does not count again
    PRIMARY KEY (account_id, id),
    CHECK ((until IS NOT NULL) = (step = 'suspension'))
);
CREATE INDEX misuse_latest ON misuse (made_at) WHERE undone_at IS NULL;

CREATE TABLE sealed_posts (                        -- what was public and its author deleted: for 30 days, sealed
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    sealed bytea NOT NULL,                         -- its JSON as apps got it, and the text as written
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX sealed_posts_deleted ON sealed_posts (deleted_at);
CREATE INDEX sealed_posts_named ON sealed_posts (id);  -- an address names a post, and not always its author
