-- What a notification can be about besides a post: a report, a warning, follows that were severed.

ALTER TABLE notifications ADD COLUMN about_id bigint;
DROP INDEX notifications_once;
CREATE UNIQUE INDEX notifications_once
    ON notifications (account_id, type, from_id, coalesce(status_id, about_id, 0));

-- What a person wants to be told of by people whom they do not know.

CREATE TABLE notification_policies (               -- who has no row has what is told of in store_policy
    account_id bigint PRIMARY KEY,
    for_not_following text NOT NULL CHECK (for_not_following IN ('accept', 'filter', 'drop')),
    for_not_followers text NOT NULL CHECK (for_not_followers IN ('accept', 'filter', 'drop')),
    for_new_accounts text NOT NULL CHECK (for_new_accounts IN ('accept', 'filter', 'drop')),
    for_private_mentions text NOT NULL CHECK (for_private_mentions IN ('accept', 'filter', 'drop')),
    for_limited_accounts text NOT NULL CHECK (for_limited_accounts IN ('accept', 'filter', 'drop'))
);
CREATE TABLE notification_permissions (            -- from whom the policy keeps nothing any more
    account_id bigint NOT NULL,
    from_id bigint NOT NULL,
    PRIMARY KEY (account_id, from_id)
);
CREATE TABLE notification_requests (               -- from whom something was filtered; the row may outlive what was
    account_id bigint NOT NULL,
    from_id bigint NOT NULL,
    id bigint NOT NULL,                            -- that of the first notification that was filtered
    PRIMARY KEY (account_id, from_id)
);
CREATE UNIQUE INDEX notification_requests_order ON notification_requests (account_id, id DESC);
CREATE INDEX notifications_filtered ON notifications (account_id, from_id, id) WHERE filtered;
INSERT INTO notification_requests (account_id, from_id, id)
    SELECT account_id, from_id, min(id) FROM notifications WHERE filtered GROUP BY account_id, from_id;

-- Follows that a person lost at once because a domain was blocked, or somebody suspended.

CREATE TABLE severances (
    account_id bigint NOT NULL,                    -- who lost them
    id bigint NOT NULL,
    type text NOT NULL CHECK (type IN ('domain_block', 'user_domain_block', 'account_suspension')),
    target_name text NOT NULL,
    followers_count integer NOT NULL,
    following_count integer NOT NULL,
    PRIMARY KEY (account_id, id)
);

-- Those who are told of what the staff has to know.

CREATE INDEX users_staff ON users (account_id) WHERE role <> 'user';
