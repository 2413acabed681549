-- Who looked at a case knowing what others had said of it: whoever has the last word of a panel, and whoever looks at
-- what was done by hand. A statement of reasons does not say of them that they did not know.

ALTER TABLE case_decisions ADD COLUMN informed boolean NOT NULL DEFAULT false;
ALTER TABLE statements ADD COLUMN informed smallint NOT NULL DEFAULT 0 CHECK (informed >= 0);  -- of its reviewers
