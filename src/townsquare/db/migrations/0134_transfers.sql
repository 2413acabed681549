-- One archive of a person is taken in at a time, whoever asks twice; and what became of each file is known by its post.

UPDATE transfers t SET finished_at = now(), refused = 'An archive of yours is being taken in already. Wait until it is done'
WHERE finished_at IS NULL
    AND EXISTS (SELECT FROM transfers o WHERE o.account_id = t.account_id AND o.finished_at IS NULL AND o.id < t.id);
CREATE UNIQUE INDEX transfers_under_way ON transfers (account_id) WHERE finished_at IS NULL;

ALTER TABLE transfers
    ADD COLUMN visibility text                     -- of posts of which the archive says none; null: as it seems there
    CHECK (visibility IN ('public', 'unlisted', 'private'));
ALTER TABLE transfer_posts
    ADD COLUMN files text[] NOT NULL DEFAULT '{}', -- of the archive, that are the post's
    ADD COLUMN left_out jsonb NOT NULL DEFAULT '{}'; -- others that it had, by name: why they are not
