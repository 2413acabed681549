-- What one reader did with a post that a million liked is found by this index as well as by the key.
DROP INDEX marks_status;
CREATE INDEX marks_status ON marks (status_id, account_id);
