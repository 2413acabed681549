-- What roles may do where it is not what they come with, and roles of the place's own. `key` is the rank for those that
-- come with Townsquare, else a number; a role of one's own stands beside those of its rank.
CREATE TABLE roles (
    key text PRIMARY KEY,
    rank text NOT NULL CHECK (rank IN ('user', 'moderator', 'admin')),
    name text NOT NULL,
    color text NOT NULL DEFAULT '' CHECK (color ~ '^(#[0-9a-f]{6})?$'),
    permissions bigint NOT NULL,
    highlighted boolean NOT NULL
);

ALTER TABLE users ADD COLUMN own_role text REFERENCES roles (key);  -- null: the role that their rank comes with
CREATE INDEX users_own_role ON users (own_role) WHERE own_role IS NOT NULL;
