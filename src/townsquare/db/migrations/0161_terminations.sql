-- The end of a suspended account is a decision of its own, with a statement of reasons. Before nobody can appeal against
-- the suspension any more it takes whoever it is to ask, or a law to demand it, and two people who say so.

ALTER TABLE statements
    ADD COLUMN follows_id bigint,                  -- of an end: the statement of the suspension that it follows from
    ADD COLUMN because text NOT NULL DEFAULT ''    -- of an end
        CHECK (because IN ('', 'time', 'asked', 'law')),
    ADD CHECK ((account_action = 'terminate') = (because <> '') AND (because = '') = (follows_id IS NULL));
CREATE INDEX statements_follow ON statements (account_id, follows_id) WHERE follows_id IS NOT NULL;

CREATE TABLE terminations (                        -- what is said of an end before its time
    account_id bigint PRIMARY KEY,
    because text NOT NULL CHECK (because IN ('asked', 'law')),
    reason text NOT NULL CHECK (reason <> ''),
    asked_by bigint NOT NULL,                      -- 0: at the terminal
    asked_at timestamptz NOT NULL,
    confirmed_by bigint CHECK (confirmed_by <> asked_by),
    confirmed_at timestamptz,
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);
