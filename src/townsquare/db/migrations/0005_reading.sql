-- Reading: what takes a deleted post out of everybody's notifications.

CREATE INDEX notifications_status ON notifications (status_id) WHERE status_id IS NOT NULL;

-- Searching: hashtags that begin with a few letters, whatever the collation of the database.

CREATE INDEX tags_name ON tags (name text_pattern_ops);

-- Whom one can write to about the place.

CREATE INDEX users_owner ON users (created_at) WHERE role = 'owner';
