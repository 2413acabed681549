-- Corpora that were imported from files: what has been loaded, so that an import can be taken up again where it was cut off.

CREATE TABLE imports (
    key bytea PRIMARY KEY,                         -- SHA-256 of the file and of how it is to be read
    file text NOT NULL,
    started_at timestamptz NOT NULL
);
CREATE TABLE import_batches (                      -- written in the same transaction as their posts
    import_key bytea NOT NULL REFERENCES imports ON DELETE CASCADE,
    lane smallint NOT NULL,
    number integer NOT NULL,
    posted integer NOT NULL DEFAULT 0,
    rejected bytea NOT NULL DEFAULT '',            -- rows that were set aside, as JSON lines
    PRIMARY KEY (import_key, lane, number)
);
CREATE TABLE import_people (
    made_up boolean NOT NULL,                      -- the corpus names nobody: the name is a number
    name text NOT NULL,                            -- as the corpus has it
    account_id bigint NOT NULL,
    username text NOT NULL,
    PRIMARY KEY (made_up, name)
);
