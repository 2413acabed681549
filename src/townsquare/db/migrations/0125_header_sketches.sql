-- Of a header what pages carry themselves until the file is there: a WebP of a few hundred to a few thousand bytes. Empty
-- where there is none, because the header can be seen through or cannot be read.

ALTER TABLE accounts ADD COLUMN header_sketch bytea;
ALTER TABLE accounts ALTER COLUMN header_sketch SET STORAGE EXTERNAL;

-- Those that came before are made by and by, with the smaller copies that are still missing.
DROP INDEX accounts_header_small;
CREATE INDEX accounts_header_unsketched ON accounts (id) WHERE header_static_key IS NOT NULL AND header_sketch IS NULL;
