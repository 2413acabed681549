-- The place gives signals too, by rules of its own: what somebody wrote who has many strikes is held until people have
-- looked at it (moderation/signals/strikes.py). No program with a key can speak under such a name.

ALTER TABLE machines
    ALTER COLUMN key_id DROP NOT NULL,             -- null: the place itself
    ADD CONSTRAINT machines_own CHECK ((key_id IS NULL) = (name LIKE 'place/%'));

ALTER TABLE estimates DROP CONSTRAINT estimates_pkey;
ALTER TABLE estimates
    ADD COLUMN because_id bigint REFERENCES cases, -- the case with which there were so many strikes; null: a program says it
    ADD CONSTRAINT estimates_own CHECK (because_id IS NULL OR source LIKE 'place/%'),
    ADD CONSTRAINT estimates_once UNIQUE NULLS NOT DISTINCT (kind, owner_id, item_id, policy, source, because_id),
    ADD CONSTRAINT estimates_pkey PRIMARY KEY USING INDEX estimates_id;
