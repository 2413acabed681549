-- How the archive is, as whoever keeps it has noted it last. The table is not logged: noting it is nothing to archive,
-- and a copy of the database that is started elsewhere says nothing of an archive that it does not keep.
CREATE UNLOGGED TABLE archive_status (
    account_id bigint PRIMARY KEY CHECK (account_id = 0),
    said jsonb NOT NULL,
    at timestamptz NOT NULL
);

-- What the owner has been told of, so that they are told once, and again when a day has passed.
CREATE TABLE archive_concerns (
    account_id bigint NOT NULL CHECK (account_id = 0),
    key text NOT NULL,
    said text NOT NULL,
    since timestamptz NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (account_id, key)
);
