-- Sound and moving pictures: what was sent is kept until it has been worked on.

ALTER TABLE media
    ADD upload_key text,                           -- the file as it was sent; NULL when it is gone
    ADD attempts smallint NOT NULL DEFAULT 0,      -- how often work on it was begun
    ADD error text;                                -- why it failed, for the person who sent it
CREATE INDEX media_in_work ON media (account_id) WHERE state = 'processing';
