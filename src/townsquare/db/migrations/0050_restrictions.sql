-- What decisions do: what stands of each of them, and what that makes of a post.
--
-- A row stands as long as what it says holds. What a post or an account is shown as is worked out from all rows that
-- stand, so that taking one back leaves what another has said.

CREATE TABLE restrictions (
    owner_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('status', 'account')),
    item_id bigint NOT NULL,
    case_id bigint NOT NULL REFERENCES cases,
    round smallint NOT NULL,
    action text NOT NULL CHECK (action IN (
        'label', 'warning', 'sensitive', 'limit', 'hold', 'remove', 'warn', 'freeze', 'suspend')),
    policy text NOT NULL REFERENCES policies,
    until timestamptz,                             -- when it ends by itself
    changed boolean NOT NULL DEFAULT true,         -- of an account: it was not so before, and will not be so after
    made_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, kind, item_id, case_id)
);
CREATE INDEX restrictions_case ON restrictions (case_id);
CREATE INDEX restrictions_until ON restrictions (until) WHERE until IS NOT NULL;

ALTER TABLE statuses
    ADD COLUMN restricted smallint NOT NULL DEFAULT 0,  -- bits: 1 label, 2 warning, 4 sensitive, 8 limit, 16 hold, 32 remove
    ADD COLUMN notices text;                       -- JSON: what of it is told to those who see the post
DROP INDEX statuses_public;
CREATE INDEX statuses_public ON statuses (id DESC) INCLUDE (account_id)
    WHERE visibility = 0 AND reblog_of_id IS NULL AND restricted < 8;

ALTER TABLE strikes
    ADD COLUMN case_id bigint,                     -- of which decision it is
    ADD COLUMN round smallint,
    ADD COLUMN expires_at timestamptz,             -- from when it does not count any more; null: it always counts
    ADD COLUMN undone_at timestamptz;              -- when the decision was taken back
CREATE UNIQUE INDEX strikes_case ON strikes (account_id, case_id, round) WHERE case_id IS NOT NULL;
ALTER TABLE strikes DROP CONSTRAINT strikes_action_check;
ALTER TABLE strikes ADD CONSTRAINT strikes_action_check CHECK (action IN (
    'none', 'disable', 'mark_statuses_as_sensitive', 'delete_statuses', 'sensitive', 'silence', 'freeze', 'suspend'));

ALTER TABLE users ADD COLUMN frozen_at timestamptz;  -- signs in and reads, and writes nothing that others see
