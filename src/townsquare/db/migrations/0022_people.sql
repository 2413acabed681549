-- People and the place: who is suggested, what is announced, badges, rules in other languages, and accounts that are gone.

-- Suggestions ----------------------------------------------------------------------------------------------------------

CREATE TABLE suggestions (                         -- owned by the reader; made anew once in a while
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    position smallint NOT NULL,
    sources text[] NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE TABLE suggested (                           -- when a reader's suggestions were made
    account_id bigint PRIMARY KEY,
    made_at timestamptz NOT NULL
);
CREATE TABLE dismissed_suggestions (
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE TABLE recommended_accounts (                -- for everybody: ranks, the first one is 1
    account_id bigint PRIMARY KEY,
    featured_id bigint,                            -- by the place's staff, in this order
    followed integer,
    interactions integer
);

-- Announcements --------------------------------------------------------------------------------------------------------

CREATE TABLE announcements (
    id bigint PRIMARY KEY,
    text text NOT NULL,                            -- as written
    starts_at timestamptz,                         -- of what is announced
    ends_at timestamptz,
    all_day boolean NOT NULL DEFAULT false,
    scheduled_at timestamptz,
    published_at timestamptz,                      -- null: not yet
    updated_at timestamptz NOT NULL
);
CREATE TABLE announcement_reads (                  -- owned by the reader
    account_id bigint NOT NULL,
    announcement_id bigint NOT NULL REFERENCES announcements ON DELETE CASCADE,
    PRIMARY KEY (account_id, announcement_id)
);
CREATE TABLE announcement_reactions (              -- owned by who reacted
    account_id bigint NOT NULL,
    announcement_id bigint NOT NULL REFERENCES announcements ON DELETE CASCADE,
    name text NOT NULL,                            -- an emoji, or the shortcode of one of the place's own
    PRIMARY KEY (account_id, announcement_id, name)
);
CREATE TABLE announcement_emojis (                 -- how many reacted with what; gone with the last of them
    announcement_id bigint NOT NULL REFERENCES announcements ON DELETE CASCADE,
    name text NOT NULL,
    id bigint NOT NULL,                            -- in this order
    count bigint NOT NULL,
    PRIMARY KEY (announcement_id, name)
);

-- Badges ---------------------------------------------------------------------------------------------------------------

CREATE TABLE account_badges (                      -- given by the place's staff, shown on the profile
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    badge text NOT NULL CHECK (badge IN ('verified', 'public_figure', 'parody', 'staff')),
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, badge)
);

-- Rules ----------------------------------------------------------------------------------------------------------------

CREATE TABLE rule_translations (
    rule_id bigint NOT NULL REFERENCES rules ON DELETE CASCADE,
    language text NOT NULL,
    text text NOT NULL,
    hint text NOT NULL DEFAULT '',
    PRIMARY KEY (rule_id, language)
);

-- Accounts that are gone -----------------------------------------------------------------------------------------------

ALTER TABLE accounts ADD COLUMN deleted_at timestamptz;  -- nothing is left of it but its id and its name
CREATE TABLE deletions (                           -- how far the rows of a deleted account have been erased
    account_id bigint PRIMARY KEY,
    asked_at timestamptz NOT NULL,
    by_staff boolean NOT NULL,
    part text NOT NULL,
    cursor bigint NOT NULL DEFAULT 0,
    touched_at timestamptz NOT NULL,
    done_at timestamptz
);
CREATE INDEX deletions_open ON deletions (touched_at) WHERE done_at IS NULL;
