-- What somebody at the desk has had before them: how much of it was of the worst kind, and why they looked at what is
-- private.

CREATE TABLE desk_seen (
    account_id bigint NOT NULL,                    -- of the staff
    case_id bigint NOT NULL REFERENCES cases ON DELETE CASCADE,
    severity smallint NOT NULL,                    -- what it was taken to be then
    seen_at timestamptz NOT NULL,                  -- when last
    looked_at timestamptz,                         -- when they asked for what is private in it
    why text NOT NULL DEFAULT '',                  -- and what for
    PRIMARY KEY (account_id, case_id)
);
CREATE INDEX desk_seen_when ON desk_seen (account_id, seen_at);
