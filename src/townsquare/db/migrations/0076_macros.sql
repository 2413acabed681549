-- What somebody at the desk decides again and again, under one key: policy, what is done, the words for the author and
-- for the staff.

CREATE TABLE macros (
    account_id bigint NOT NULL,                    -- whose it is; 0: everybody's at the desk
    id bigint NOT NULL,
    name text NOT NULL,
    key text NOT NULL DEFAULT '' CHECK (key ~ '^[a-z]?$'),
    policy text NOT NULL REFERENCES policies,
    action text NOT NULL CHECK (action IN ('none', 'label', 'warning', 'sensitive', 'limit', 'hold', 'remove')),
    account_action text NOT NULL DEFAULT 'none' CHECK (account_action IN (
        'none', 'warn', 'sensitive', 'limit', 'freeze', 'suspend')),
    days integer CHECK (days > 0),                 -- for how long; null: until it is taken back
    said text NOT NULL DEFAULT '',                 -- for the author
    note text NOT NULL DEFAULT '',                 -- for the staff
    at_once boolean NOT NULL DEFAULT false,        -- its key decides; else it fills in the form
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX macros_key ON macros (account_id, key) WHERE key <> '';
