-- A smaller copy of a header for small screens; of a header that is small itself the same file.

ALTER TABLE accounts ADD COLUMN header_small_key text;

-- Those that came before are made by and by.
CREATE INDEX accounts_header_small ON accounts (id) WHERE header_static_key IS NOT NULL AND header_small_key IS NULL;
