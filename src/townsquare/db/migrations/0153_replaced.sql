-- What was decided of an appeal goes in the place of a decision: whoever was told of that is told by what.

ALTER TABLE statements ADD COLUMN replaced_by bigint REFERENCES cases;  -- since undone_at; null: nothing is in its place
