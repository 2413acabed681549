-- What the staff decide of somebody by hand is a case as all else is: it has a policy, a statement of reasons and an
-- appeal; and what is heavy holds at once and is for a second pair of eyes. What is held until it is decided is told to
-- whoever made it, too.

ALTER TABLE cases
    ADD COLUMN meanwhile text CHECK (meanwhile IN ('sensitive', 'limit', 'freeze', 'disable', 'suspend')),  -- what holds of the account while it is open
    ADD COLUMN account_ended_at timestamptz,       -- since when what it says of accounts does not hold any more: somebody ended that by hand
    ADD CHECK (meanwhile IS NULL OR state = 'open');

ALTER TABLE case_decisions
    DROP CONSTRAINT case_decisions_account_action_check,
    ADD CONSTRAINT case_decisions_account_action_check CHECK (account_action IN (
        'none', 'warn', 'sensitive', 'limit', 'freeze', 'disable', 'suspend'));
ALTER TABLE macros
    DROP CONSTRAINT macros_account_action_check,
    ADD CONSTRAINT macros_account_action_check CHECK (account_action IN (
        'none', 'warn', 'sensitive', 'limit', 'freeze', 'disable', 'suspend'));
ALTER TABLE restrictions
    DROP CONSTRAINT restrictions_action_check,
    ADD CONSTRAINT restrictions_action_check CHECK (action IN (
        'label', 'warning', 'sensitive', 'limit', 'hold', 'remove', 'warn', 'freeze', 'disable', 'suspend'));

ALTER TABLE statements
    ADD COLUMN interim boolean NOT NULL DEFAULT false;  -- it holds until it is decided, and `undone_at` says when it was
ALTER TABLE statement_items
    ADD COLUMN interim boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT statement_items_pkey,
    ADD PRIMARY KEY (case_id, round, interim, kind, owner_id, item_id);
ALTER TABLE statements
    ADD COLUMN answer text NOT NULL DEFAULT '';    -- what its author says to an interim one, for those who decide
