-- Mail that tells what there was, by the day or by the week, of those who asked for it (timelines/digest.py).

CREATE TABLE digests (                             -- who has no row gets none
    account_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    lists text[] NOT NULL,
    every text NOT NULL CHECK (every IN ('day', 'week')),
    weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6), -- 0: Monday; only of those by the week
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    zone text NOT NULL,                            -- where it is that hour: a name of the IANA database, empty for UTC
    next_at timestamptz NOT NULL
);
CREATE INDEX digests_next ON digests (next_at);

-- What stood in them: written with the job that sends it, so that none is sent twice and no post comes again.

CREATE TABLE digest_letters (
    account_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    every text NOT NULL,
    authors bigint[] NOT NULL,                     -- of the posts: those by people whom the receiver follows first
    posts bigint[] NOT NULL,
    followed smallint NOT NULL,                    -- how many of the posts are by these
    announcements bigint[] NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (account_id, due_at)
);
CREATE INDEX digest_letters_due ON digest_letters (due_at);
