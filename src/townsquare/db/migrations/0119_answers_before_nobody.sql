-- The answer that others are measured by was given to reviewers itself, as a case that waits.

UPDATE cases SET state = 'decided', decided_at = now(), updated_at = now(), action = coalesce(expected ->> 'action', 'none'),
    account_action = 'none', locked_id = NULL, locked_until = NULL, snoozed_until = NULL
WHERE purpose = 'golden' AND state = 'open' AND assigned_id IS NULL;
