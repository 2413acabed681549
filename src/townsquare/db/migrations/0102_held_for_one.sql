-- A case that a rule of the place's own has held is about one author alone: what others wrote does not join it.

ALTER TABLE cases
    ADD COLUMN held_for bigint,                    -- whose strikes it is held for; null: it is held for what is in it
    ADD CHECK (held_for IS NULL OR held_at IS NOT NULL);
UPDATE cases c SET held_for = h.author_id
FROM (
    SELECT i.case_id, min(i.author_id) AS author_id
    FROM case_items i
    JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
    WHERE i.open AND e.because_id IS NOT NULL GROUP BY i.case_id
) h
WHERE c.id = h.case_id AND c.state = 'open' AND c.held_at IS NOT NULL AND c.round = 1 AND c.stage = 1;

CREATE INDEX estimates_because ON estimates (because_id) WHERE because_id IS NOT NULL;
