-- Handles that begin with a few letters, whatever the collation of the database.
CREATE INDEX handles_name ON handles (name text_pattern_ops);
-- The directory shows people of other servers too.
DROP INDEX accounts_directory;
CREATE INDEX accounts_directory ON accounts (last_status_on DESC NULLS LAST, id DESC) WHERE discoverable;
