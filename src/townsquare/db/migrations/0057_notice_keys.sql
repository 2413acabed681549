-- What was given notice of with a key: for the programs that ask how theirs stand, and for the list of keys.

CREATE INDEX notices_key ON notices (key_id, id) WHERE key_id IS NOT NULL;
