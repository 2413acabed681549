-- For which address, program and history of the database a mirror was written. Where one of them is another, all of it is
-- written anew: pages name the place, and after a restore or a promotion other files may lie there than is known.
ALTER TABLE mirror_targets ADD COLUMN made_for text NOT NULL DEFAULT '';
