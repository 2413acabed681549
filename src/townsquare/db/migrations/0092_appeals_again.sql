-- An appeal whose decision is taken back waits again, and is settled anew by the next one. In which round of its case it was
-- settled says which taking back is meant.

ALTER TABLE appeals ADD COLUMN settled_round smallint;
UPDATE appeals p SET settled_round = c.round FROM cases c WHERE c.id = p.case_id AND p.decided_at IS NOT NULL;
UPDATE appeals p SET decided_at = NULL, granted = NULL, answer = '', settled_round = NULL
FROM cases c WHERE c.id = p.case_id AND c.state = 'open' AND p.decided_at IS NOT NULL;
