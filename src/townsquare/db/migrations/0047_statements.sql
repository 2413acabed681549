-- What people are told of decisions: a statement of reasons for whoever made what is restricted, the outcome for whoever
-- reported it, and appeals of both.

ALTER TABLE policies ADD COLUMN legal_ground text NOT NULL DEFAULT '';  -- the law, where what it forbids is against one

CREATE TABLE statements (                          -- of reasons (Regulation 2022/2065, article 17)
    account_id bigint NOT NULL,                    -- who made what is restricted
    id bigint NOT NULL,
    case_id bigint NOT NULL REFERENCES cases,
    round smallint NOT NULL,
    policy text NOT NULL REFERENCES policies,
    action text NOT NULL,                          -- the heaviest of its items
    account_action text NOT NULL,
    until timestamptz,
    reviewers smallint NOT NULL,
    by_machine boolean NOT NULL,
    said text NOT NULL DEFAULT '',                 -- what the staff add in their own words
    record jsonb,                                  -- for the transparency database; null: nothing was restricted
    made_at timestamptz NOT NULL,
    undone_at timestamptz,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX statements_case ON statements (case_id, round);
CREATE INDEX statements_made ON statements (made_at);

CREATE TABLE statement_items (                     -- what it is about; nothing is stated twice
    account_id bigint NOT NULL,
    statement_id bigint NOT NULL,
    case_id bigint NOT NULL,
    round smallint NOT NULL,
    kind text NOT NULL,
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,
    action text NOT NULL,
    text text NOT NULL DEFAULT '',                 -- as it was, for its author to read
    PRIMARY KEY (case_id, round, kind, owner_id, item_id),
    FOREIGN KEY (account_id, statement_id) REFERENCES statements (account_id, id) ON DELETE CASCADE
);
CREATE INDEX statement_items_statement ON statement_items (account_id, statement_id);

CREATE TABLE outcomes (                            -- what came of a report, for whoever filed it
    account_id bigint NOT NULL,
    report_id bigint NOT NULL,
    case_id bigint NOT NULL REFERENCES cases,
    round smallint NOT NULL,
    upheld boolean NOT NULL,
    policy text NOT NULL REFERENCES policies,
    action text NOT NULL,
    account_action text NOT NULL,
    made_at timestamptz NOT NULL,
    undone_at timestamptz,
    PRIMARY KEY (account_id, report_id, case_id, round)
);
CREATE INDEX outcomes_case ON outcomes (case_id, round);

CREATE TABLE appeals (                             -- one for each statement or outcome
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    prior_id bigint NOT NULL REFERENCES cases,     -- the case whose decision is contested
    round smallint NOT NULL,
    side text NOT NULL CHECK (side IN ('author', 'reporter')),
    text text NOT NULL,
    case_id bigint NOT NULL UNIQUE REFERENCES cases,  -- in which it is decided, by somebody else
    made_at timestamptz NOT NULL,
    decided_at timestamptz,
    granted boolean,
    answer text NOT NULL DEFAULT '',
    CHECK ((decided_at IS NULL) = (granted IS NULL)),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, prior_id, round)
);
