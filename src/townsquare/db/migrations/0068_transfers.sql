-- Whole archives that a person brings along from elsewhere (continuity/transfer/).

CREATE TABLE transfers (
    account_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    id bigint NOT NULL,
    file text NOT NULL,                            -- its name
    key text NOT NULL,                             -- where it lies in the store while it is taken in
    bytes bigint NOT NULL,
    brought_at timestamptz NOT NULL,
    kind text NOT NULL DEFAULT '',                 -- of whom it is: townsquare, mastodon, twitter
    origin text NOT NULL DEFAULT '',               -- whose it was there
    total integer NOT NULL DEFAULT 0,              -- posts in it
    done integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    refused text NOT NULL DEFAULT '',              -- why nothing of it is taken in
    report jsonb NOT NULL DEFAULT '[]',            -- what became of its bytes, by kind of file
    PRIMARY KEY (account_id, id)
);
CREATE TABLE transfer_posts (                      -- what became of each post, by its address there: so none comes twice
    account_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    uri text NOT NULL,
    transfer_id bigint NOT NULL,
    status_id bigint,                              -- null: it could not be taken in
    wrong text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, uri)
);
CREATE INDEX transfer_posts_of ON transfer_posts (account_id, transfer_id);
