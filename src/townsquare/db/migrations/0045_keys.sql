-- Keys stand in a file outside the database now, and what is sealed with them arrives here sealed. What older versions
-- kept as it was is sealed at the next start (auth/old_secrets.py), and leaves these columns and the table `secrets`.

ALTER TABLE users ADD COLUMN totp_sealed bytea;
ALTER TABLE account_keys ADD COLUMN sealed bytea, ALTER COLUMN private_key DROP NOT NULL,
    ADD CHECK ((private_key IS NULL) <> (sealed IS NULL));
