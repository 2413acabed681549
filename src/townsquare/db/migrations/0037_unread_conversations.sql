-- How many conversations of somebody are unread stands beside the way to their messages on every page.

CREATE INDEX conversations_unread ON conversations (account_id) WHERE unread;
