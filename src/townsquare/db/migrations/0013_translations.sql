-- Translations of posts, kept for a day: who reads the same post in the same language gets the same one.

CREATE TABLE translations (
    account_id bigint NOT NULL,                    -- the author of the post
    status_id bigint NOT NULL,
    language text NOT NULL,
    digest bytea NOT NULL,                         -- SHA-256 of what was translated: an edit makes it another
    body bytea NOT NULL,                           -- the entity, encoded
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, status_id, language)
);
CREATE INDEX translations_created ON translations (created_at);
