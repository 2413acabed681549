-- Notices: what somebody without an account says is against the law or the rules, by the form of article 16 of the
-- Digital Services Act, by mail, or by a program of a host or an authority. What each names becomes cases (0041), in
-- which it stands as a report of nobody (`case_reports.report_id` is the notice's id, `reporter_id` 0).

CREATE TABLE notice_keys (                         -- with which programs of others give notice
    id bigint PRIMARY KEY,
    name text NOT NULL,                            -- whose it is
    email text NOT NULL DEFAULT '',                -- where receipts and answers go
    sender text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE TABLE notices (
    id bigint PRIMARY KEY,
    way text NOT NULL CHECK (way IN ('form', 'api', 'mail')),
    sender text NOT NULL CHECK (sender IN ('person', 'host', 'store', 'authority', 'flagger', 'rights_holder')),
    policy text NOT NULL REFERENCES policies,      -- what it is said to be
    reason text NOT NULL,
    reference text NOT NULL DEFAULT '',            -- what its sender calls it
    message_id text NOT NULL DEFAULT '',           -- of a message: a second copy of it makes no second notice
    language text NOT NULL DEFAULT '',             -- in which it is answered
    key_id bigint REFERENCES notice_keys,
    contact bytea NOT NULL,                        -- sealed: name, address, and the token of the link
    token_hash bytea NOT NULL UNIQUE,              -- of the link under which the receipt and the outcome stand
    heeded boolean NOT NULL DEFAULT true,          -- false: an automatic answer, which is kept and makes no case
    received_at timestamptz NOT NULL,
    due_at timestamptz,                            -- by when it is to be decided; null: as its policy says
    receipt_at timestamptz,                        -- when the receipt went out
    decided_at timestamptz,                        -- when the last of what it names was decided
    told text NOT NULL DEFAULT '',                 -- the outcome that was told last
    answered_at timestamptz,                       -- when that went out
    reminded_at timestamptz,                       -- when the staff were told that it is about to be late
    CHECK (way <> 'api' OR key_id IS NOT NULL)
);
CREATE UNIQUE INDEX notices_message ON notices (message_id) WHERE message_id <> '';
CREATE UNIQUE INDEX notices_reference ON notices (key_id, reference) WHERE key_id IS NOT NULL AND reference <> '';
CREATE INDEX notices_due ON notices (due_at) WHERE decided_at IS NULL AND reminded_at IS NULL AND due_at IS NOT NULL;

CREATE TABLE notice_items (                        -- what it names, each as it was when the notice came
    notice_id bigint NOT NULL REFERENCES notices ON DELETE CASCADE,
    position integer NOT NULL,
    url text NOT NULL,                             -- as it was given; empty where none was
    kind text NOT NULL CHECK (kind IN ('account', 'status', 'media', 'tag', 'notice')),  -- notice: nothing was found there
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,                       -- of what was not found: the notice's own
    author_id bigint NOT NULL,
    entity bytea NOT NULL DEFAULT '',              -- its JSON as apps get it
    text text NOT NULL DEFAULT '',
    file_keys text[] NOT NULL DEFAULT '{}',        -- copies of these stand under evidence/ in the store
    PRIMARY KEY (notice_id, position)
);

CREATE TABLE notice_files (                        -- what came with it: the message itself, and files
    notice_id bigint NOT NULL REFERENCES notices ON DELETE CASCADE,
    position integer NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    digest bytea NOT NULL,                         -- SHA-256 of it, as it came
    sealed bytea NOT NULL,
    PRIMARY KEY (notice_id, position)
);

CREATE INDEX media_named ON media (split_part(file_key, '/', 4));  -- an address of a file names it by this

ALTER TABLE case_items DROP CONSTRAINT case_items_kind_check;
ALTER TABLE case_items ADD CONSTRAINT case_items_kind_check CHECK (kind IN (
    'account', 'status', 'media', 'tag', 'collection', 'message', 'notice'));  -- notice: it names nothing that is here
