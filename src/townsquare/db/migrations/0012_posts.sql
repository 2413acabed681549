-- Polls, quotes, posts for later. What of a post depends on its reader or on the moment is not in its stored JSON any
-- more: columns of the post say whether it has a poll, who may quote it, and what it quotes.

ALTER TABLE statuses
    ADD COLUMN has_poll boolean NOT NULL DEFAULT false,
    ADD COLUMN quote_policy smallint NOT NULL DEFAULT 0,   -- who may quote it: 0 its author, 1 followers, 2 all, 3 nobody
    ADD COLUMN quoted_id bigint,
    ADD COLUMN quoted_account_id bigint,
    ADD COLUMN quote_state smallint;                       -- 0 pending, 1 accepted, 2 rejected, 3 revoked, 4 deleted

UPDATE statuses
SET quote_policy = CASE WHEN visibility = 3 THEN 3 ELSE 0 END,
    body = convert_to(replace(convert_from(body, 'UTF8'),
        '"poll":null,"quote":null,"quote_approval":{"automatic":[],"manual":[],"current_user":"denied"},', ''), 'UTF8')
WHERE reblog_of_id IS NULL;

CREATE TABLE polls (
    account_id bigint NOT NULL,                    -- the author; the poll has the id of its post
    status_id bigint NOT NULL,
    options text[] NOT NULL,
    tallies bigint[] NOT NULL,                     -- votes, by option
    voters_count bigint NOT NULL DEFAULT 0,
    multiple boolean NOT NULL,
    hide_totals boolean NOT NULL,
    expires_at timestamptz,                        -- null: it does not end
    emojis bytea NOT NULL DEFAULT '[]',            -- of the options, encoded once
    PRIMARY KEY (account_id, status_id)
) WITH (fillfactor = 75);
CREATE TABLE poll_voters (                         -- owned by the author of the poll
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    voter_id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id, voter_id)
);
CREATE TABLE votes (                               -- owned by who votes
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    author_id bigint NOT NULL,
    choices smallint[] NOT NULL,
    PRIMARY KEY (account_id, status_id)
);
CREATE INDEX votes_status ON votes (status_id);
ALTER TABLE status_edits ADD COLUMN poll_options text[];

CREATE TABLE quotes (                              -- owned by the author of the quoted post; the accepted ones
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    quoting_id bigint NOT NULL,
    by_id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id, quoting_id)
);

CREATE TABLE scheduled_statuses (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    scheduled_at timestamptz NOT NULL,
    params jsonb NOT NULL,                         -- what is to be posted, as the entity ScheduledStatus tells it
    media_ids bigint[] NOT NULL DEFAULT '{}',
    application jsonb,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX scheduled_statuses_at ON scheduled_statuses (account_id, scheduled_at);
