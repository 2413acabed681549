-- What is heavy and about many things is for four of five reviewers (moderation/cases/verdict.py). The last of those who
-- may be asked is a senior, whichever number that is; and which review holds is said and not looked for.

ALTER TABLE cases
    DROP CONSTRAINT cases_stage_check,
    ADD CONSTRAINT cases_stage_check CHECK (stage BETWEEN 1 AND 5),
    ADD COLUMN last_word boolean NOT NULL DEFAULT false,   -- reviewers differ, and the next is the last of them: a senior
    ADD COLUMN decision_id bigint;                         -- of case_decisions: the one in whose words it is decided
ALTER TABLE case_decisions
    DROP CONSTRAINT case_decisions_stage_check,
    ADD CONSTRAINT case_decisions_stage_check CHECK (stage BETWEEN 1 AND 5);

UPDATE cases SET last_word = true WHERE state = 'open' AND stage = 3;
UPDATE cases c SET decision_id = (
    SELECT d.id FROM case_decisions d
    WHERE d.case_id = c.id AND d.round = c.round
        AND (d.policy, d.action, d.account_action) = (c.policy, c.action, c.account_action)
    ORDER BY d.stage LIMIT 1)
WHERE state = 'decided';
