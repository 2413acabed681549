-- Whole copies of what a person has here: asked for, made by a job, fetched by their owner for a week (continuity/).

CREATE TABLE copies (
    account_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    id bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    key text NOT NULL,                             -- of the file; nothing is given out under it by itself
    ready_at timestamptz,
    bytes bigint,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX copies_asked ON copies (asked_at);

-- Lists that a person has brought along from elsewhere: looked at first, then taken in by a job, line by line.

CREATE TABLE brought (
    account_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('following', 'blocks', 'mutes', 'lists', 'bookmarks', 'domain_blocks')),
    overwrite boolean NOT NULL,                    -- what is not in it goes
    file text NOT NULL,                            -- its name
    brought_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX brought_at ON brought (brought_at);
CREATE TABLE brought_lines (
    account_id bigint NOT NULL,
    brought_id bigint NOT NULL,
    number integer NOT NULL,
    fields text[] NOT NULL,
    done boolean NOT NULL DEFAULT false,
    wrong text,                                    -- why it could not be taken in
    PRIMARY KEY (account_id, brought_id, number),
    FOREIGN KEY (account_id, brought_id) REFERENCES brought ON DELETE CASCADE
);
