-- Apps that nobody uses are deleted: whether somebody does is asked of these.

CREATE INDEX oauth_tokens_app ON oauth_tokens (app_id);
CREATE INDEX oauth_codes_app ON oauth_codes (app_id);
CREATE INDEX users_app ON users (created_by_app_id) WHERE created_by_app_id IS NOT NULL;
