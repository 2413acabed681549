-- What is decided by hand is about one account and nobody else: nothing that is alike joins it, it waits beside whatever
-- else is said of that account, and what ends of it ends for that account.

ALTER TABLE cases
    ADD COLUMN meanwhile_of bigint,                -- of which account `meanwhile` holds
    DROP COLUMN account_ended_at;
UPDATE cases c SET meanwhile_of = (
    SELECT min(i.author_id) FROM case_items i WHERE i.case_id = c.id AND i.kind = 'account' AND i.open)
WHERE meanwhile IS NOT NULL;
ALTER TABLE cases ADD CHECK ((meanwhile IS NULL) = (meanwhile_of IS NULL));
CREATE INDEX cases_meanwhile ON cases (meanwhile_of) WHERE meanwhile_of IS NOT NULL;

ALTER TABLE case_items ADD COLUMN by_hand boolean NOT NULL DEFAULT false;  -- in a case of its own, whatever case it waits in besides
DROP INDEX case_items_open;
CREATE UNIQUE INDEX case_items_open ON case_items (kind, owner_id, item_id) WHERE open AND NOT by_hand;  -- one open case each

ALTER TABLE case_decisions ADD COLUMN by_hand boolean NOT NULL DEFAULT false;  -- not at the desk

CREATE TABLE account_ends (                        -- what a case says of an account does not hold any more: somebody ended that by hand
    case_id bigint NOT NULL REFERENCES cases,
    round smallint NOT NULL,
    account_id bigint NOT NULL,
    ended_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, round, account_id)
);

ALTER TABLE statements
    ADD COLUMN began_told boolean NOT NULL DEFAULT false,  -- of an interim one: whether there was a letter when it began,
    ADD COLUMN ended_told boolean NOT NULL DEFAULT false;  -- and when it ended
