-- What those who run the place show strangers first, in the order of `position`. What cannot be seen any more is not
-- shown, and goes with what it is of.
CREATE TABLE front_posts (
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    position integer NOT NULL,
    until timestamptz,
    PRIMARY KEY (account_id, status_id),
    FOREIGN KEY (account_id, status_id) REFERENCES statuses (account_id, id) ON DELETE CASCADE
);
CREATE TABLE front_people (
    account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    position integer NOT NULL,
    until timestamptz
);
CREATE TABLE front_tags (
    name text PRIMARY KEY,                         -- folded
    position integer NOT NULL,
    until timestamptz
);

-- The audit log from a day on: what is written later has a higher number.
CREATE INDEX audit_log_at ON audit_log ((entry::jsonb ->> 'at'));
