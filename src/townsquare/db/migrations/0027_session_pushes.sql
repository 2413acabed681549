-- Pushes for the pages: a subscription belongs to the token of an app, or to a session of a browser, and ends with it.

ALTER TABLE push_subscriptions
    DROP CONSTRAINT push_subscriptions_account_id_token_id_fkey,
    ADD COLUMN of_session boolean NOT NULL DEFAULT false,  -- token_id is the id of a session
    ADD COLUMN app_token_id bigint GENERATED ALWAYS AS (CASE WHEN NOT of_session THEN token_id END) STORED,
    ADD COLUMN session_id bigint GENERATED ALWAYS AS (CASE WHEN of_session THEN token_id END) STORED,
    ADD FOREIGN KEY (account_id, app_token_id) REFERENCES oauth_tokens (account_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (account_id, session_id) REFERENCES sessions (account_id, id) ON DELETE CASCADE;
