-- Conversations: the direct posts of one thread between the same people, once for each of them who lives here.

CREATE TABLE conversations (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    root_id bigint NOT NULL,                       -- the first post of the thread
    participants bigint[] NOT NULL,                -- the others, in the order of their ids; none: talks to themselves
    last_status_id bigint NOT NULL,
    last_author_id bigint NOT NULL,
    unread boolean NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, root_id, participants)
);
CREATE INDEX conversations_order ON conversations (account_id, last_status_id DESC);
CREATE TABLE conversation_posts (
    account_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    status_id bigint NOT NULL,
    author_id bigint NOT NULL,
    PRIMARY KEY (account_id, conversation_id, status_id),
    FOREIGN KEY (account_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX conversation_posts_status ON conversation_posts (status_id);
