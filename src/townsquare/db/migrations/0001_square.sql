-- The square: people, posts, and what each person has to do with them.
--
-- Every row has an owner account, first in its primary key, so that one account can be exported, moved and erased as a
-- unit, and so that the tables can be spread over several servers by that key. A fact between two people stands twice:
-- with the one who did it (follows, marks) and with the one it was done to (followers, favourites). What must be unique
-- over all owners (handles, URIs, email addresses) stands in small tables of its own.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- People ---------------------------------------------------------------------------------------------------------------

CREATE TABLE accounts (
    id bigint PRIMARY KEY,
    username text NOT NULL,
    domain text,                                   -- null: lives here
    display_name text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',                 -- as written; for a remote account cleaned HTML
    fields jsonb NOT NULL DEFAULT '[]',            -- [{name, value, verified_at}]
    kind text NOT NULL DEFAULT 'Person' CHECK (kind IN ('Person', 'Service', 'Group', 'Application', 'Organization')),
    locked boolean NOT NULL DEFAULT false,
    discoverable boolean NOT NULL DEFAULT true,
    indexable boolean NOT NULL DEFAULT true,
    hide_collections boolean NOT NULL DEFAULT false,
    show_media boolean NOT NULL DEFAULT true,      -- these three: tabs of the profile
    show_media_replies boolean NOT NULL DEFAULT true,
    show_featured boolean NOT NULL DEFAULT true,
    attribution_domains text[] NOT NULL DEFAULT '{}',
    avatar_key text,                               -- in the store; a remote picture's address stands in *_url
    avatar_static_key text,
    avatar_description text NOT NULL DEFAULT '',
    header_key text,
    header_static_key text,
    header_description text NOT NULL DEFAULT '',
    avatar_url text,
    header_url text,
    uri text,                                      -- null for local ones: it follows from the id
    url text,
    inbox_url text,
    outbox_url text,
    shared_inbox_url text,
    followers_url text,
    public_key text,
    also_known_as text[] NOT NULL DEFAULT '{}',
    moved_to_id bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz,                        -- remote: when last asked for
    suspended_at timestamptz,                      -- shown nowhere
    limited_at timestamptz,                        -- shown only to followers and where asked for by name
    statuses_count bigint NOT NULL DEFAULT 0,
    followers_count bigint NOT NULL DEFAULT 0,
    following_count bigint NOT NULL DEFAULT 0,
    last_status_on date,
    body bytea NOT NULL DEFAULT ''                 -- the entity's JSON without braces and counters, encoded once
) WITH (fillfactor = 75);
CREATE INDEX accounts_search ON accounts USING gin ((username || ' ' || display_name) gin_trgm_ops);
CREATE INDEX accounts_directory ON accounts (last_status_on DESC NULLS LAST, id DESC) WHERE domain IS NULL AND discoverable;

CREATE TABLE account_keys (
    account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    private_key text NOT NULL
);

CREATE TABLE handles (
    domain text NOT NULL,                          -- '' for those who live here
    name text NOT NULL,                            -- lower case
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    PRIMARY KEY (domain, name)
);

CREATE TABLE uris (
    uri text PRIMARY KEY,
    account_id bigint NOT NULL,
    status_id bigint                               -- null: the account itself
);
CREATE INDEX uris_owner ON uris (account_id, status_id);

-- Signing in -----------------------------------------------------------------------------------------------------------

CREATE TABLE users (
    account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    email text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'moderator', 'admin', 'owner')),
    locale text NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    approved_at timestamptz,
    disabled_at timestamptz,
    terms_accepted_at timestamptz,
    terms_version integer,
    age_confirmed_at timestamptz,
    sign_up_reason text,
    invite_code text,
    totp_secret text,
    totp_enabled_at timestamptz,
    totp_last_step bigint,                         -- a code is taken once
    last_seen_on date,
    preferences jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE emails (
    email text PRIMARY KEY,                        -- folded
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE
);
CREATE TABLE recovery_codes (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);
CREATE TABLE sessions (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    address inet,
    user_agent text NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, id)
);
CREATE INDEX sessions_token ON sessions (token_hash);
CREATE TABLE email_tokens (
    token_hash bytea PRIMARY KEY,
    account_id bigint REFERENCES accounts ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('confirm', 'reset', 'claim', 'change_email')),
    email text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE TABLE invites (
    code text PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    uses integer NOT NULL DEFAULT 0,
    max_uses integer,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE oauth_apps (
    id bigint PRIMARY KEY,
    client_id text NOT NULL UNIQUE,
    client_secret_hash bytea NOT NULL,
    name text NOT NULL,
    website text,
    redirect_uris text[] NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE oauth_codes (
    code_hash bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    app_id bigint NOT NULL REFERENCES oauth_apps ON DELETE CASCADE,
    redirect_uri text NOT NULL,
    scopes text[] NOT NULL,
    challenge text,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE TABLE oauth_tokens (
    account_id bigint NOT NULL,                    -- 0: the app itself (client credentials)
    id bigint NOT NULL,
    app_id bigint NOT NULL REFERENCES oauth_apps ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    refresh_hash bytea,
    code_hash bytea,                               -- the code it came from: one used twice ends it
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    used_on date,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX oauth_tokens_hash ON oauth_tokens (token_hash);
CREATE INDEX oauth_tokens_refresh ON oauth_tokens (refresh_hash) WHERE refresh_hash IS NOT NULL;

-- Who has to do with whom ----------------------------------------------------------------------------------------------

CREATE TABLE follows (                             -- owned by who follows
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    id bigint NOT NULL,
    pending boolean NOT NULL DEFAULT false,        -- asked, not yet accepted
    reblogs boolean NOT NULL DEFAULT true,
    notify boolean NOT NULL DEFAULT false,
    languages text[],
    uri text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, target_id)
);
CREATE INDEX follows_order ON follows (account_id, id DESC);
CREATE TABLE followers (                           -- owned by who is followed
    account_id bigint NOT NULL,
    follower_id bigint NOT NULL,
    id bigint NOT NULL,
    local boolean NOT NULL,
    active boolean NOT NULL DEFAULT true,          -- comes here: posts are pushed
    reblogs boolean NOT NULL DEFAULT true,
    notify boolean NOT NULL DEFAULT false,
    languages text[],
    PRIMARY KEY (account_id, follower_id)
);
CREATE INDEX followers_order ON followers (account_id, id DESC);
CREATE INDEX followers_of ON followers (follower_id);
CREATE TABLE follow_requests (                     -- owned by who is asked
    account_id bigint NOT NULL,
    requester_id bigint NOT NULL,
    id bigint NOT NULL,
    uri text,
    PRIMARY KEY (account_id, requester_id)
);
CREATE TABLE blocks (
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE TABLE mutes (
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    id bigint NOT NULL,
    notifications boolean NOT NULL DEFAULT true,
    expires_at timestamptz,
    PRIMARY KEY (account_id, target_id)
);
CREATE TABLE domain_blocks (
    account_id bigint NOT NULL,
    domain text NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (account_id, domain)
);
CREATE TABLE account_notes (
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    comment text NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE TABLE endorsements (
    account_id bigint NOT NULL,
    target_id bigint NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (account_id, target_id)
);
CREATE TABLE lists (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    title text NOT NULL,
    replies_policy text NOT NULL DEFAULT 'list' CHECK (replies_policy IN ('followed', 'list', 'none')),
    exclusive boolean NOT NULL DEFAULT false,
    PRIMARY KEY (account_id, id)
);
CREATE TABLE list_accounts (
    account_id bigint NOT NULL,
    list_id bigint NOT NULL,
    member_id bigint NOT NULL,
    PRIMARY KEY (account_id, list_id, member_id)
);
CREATE INDEX list_accounts_member ON list_accounts (account_id, member_id);

-- Posts ----------------------------------------------------------------------------------------------------------------

CREATE TABLE statuses (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    local boolean NOT NULL DEFAULT true,
    visibility smallint NOT NULL,                  -- 0 public, 1 unlisted, 2 private (followers), 3 direct
    in_reply_to_id bigint,
    in_reply_to_account_id bigint,
    root_id bigint NOT NULL,                       -- first post of the thread, and whose it is
    root_account_id bigint NOT NULL,
    reblog_of_id bigint,
    reblog_of_account_id bigint,
    uri text,                                      -- null for local ones: it follows from the id
    url text,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    pinned_id bigint,                              -- when pinned: order of the pins
    text text NOT NULL DEFAULT '',                 -- as written; of a remote post the plain text
    content text NOT NULL DEFAULT '',              -- HTML
    spoiler_text text NOT NULL DEFAULT '',
    sensitive boolean NOT NULL DEFAULT false,
    language text,
    media_ids bigint[] NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}',             -- folded
    app_id bigint,
    replies_count bigint NOT NULL DEFAULT 0,
    reblogs_count bigint NOT NULL DEFAULT 0,
    favourites_count bigint NOT NULL DEFAULT 0,
    quotes_count bigint NOT NULL DEFAULT 0,
    head bytea NOT NULL DEFAULT '',                -- the entity's JSON, encoded once: what is an echo's own (id, time, address)
    body bytea NOT NULL DEFAULT '',                -- and the rest, without author, counters and flags (an echo has none)
    PRIMARY KEY (account_id, id)
) WITH (fillfactor = 85);
CREATE INDEX statuses_id ON statuses (id) INCLUDE (account_id);
CREATE INDEX statuses_public ON statuses (id DESC) INCLUDE (account_id) WHERE visibility = 0 AND reblog_of_id IS NULL;
CREATE INDEX statuses_pinned ON statuses (account_id, pinned_id DESC) WHERE pinned_id IS NOT NULL;

CREATE TABLE status_search (
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    terms tsvector NOT NULL,
    PRIMARY KEY (account_id, status_id)
);
CREATE INDEX status_search_terms ON status_search USING gin (terms);

CREATE TABLE status_edits (
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    text text NOT NULL,
    content text NOT NULL,
    spoiler_text text NOT NULL,
    sensitive boolean NOT NULL,
    media jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (account_id, status_id, created_at)
);
CREATE TABLE tombstones (                          -- a deleted post's place, so that it is gone and not merely unknown
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, status_id)
);
CREATE TABLE idempotency_keys (
    account_id bigint NOT NULL,
    key text NOT NULL,
    status_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
CREATE TABLE mentions (
    account_id bigint NOT NULL,                    -- the author
    status_id bigint NOT NULL,
    mentioned_id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id, mentioned_id)
);
CREATE TABLE thread_posts (                        -- owned by the author of the thread's first post
    account_id bigint NOT NULL,
    root_id bigint NOT NULL,
    status_id bigint NOT NULL,
    author_id bigint NOT NULL,
    in_reply_to_id bigint NOT NULL,
    PRIMARY KEY (account_id, root_id, status_id)
);
CREATE TABLE favourites (                          -- owned by the author of the post
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    by_id bigint NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id, by_id)
);
CREATE TABLE reblogs (                             -- owned by the author of the original
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    by_id bigint NOT NULL,
    reblog_id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id, by_id)
);
CREATE TABLE marks (                               -- owned by the reader: what they did with a post
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    author_id bigint NOT NULL,
    favourite_id bigint,
    bookmark_id bigint,
    reblog_id bigint,                              -- the reader's own echo of it
    muted boolean NOT NULL DEFAULT false,          -- no more notifications from its thread
    PRIMARY KEY (account_id, status_id)
);
CREATE INDEX marks_favourites ON marks (account_id, favourite_id DESC) WHERE favourite_id IS NOT NULL;
CREATE INDEX marks_bookmarks ON marks (account_id, bookmark_id DESC) WHERE bookmark_id IS NOT NULL;
CREATE INDEX marks_status ON marks (status_id);
CREATE TABLE thread_mutes (
    account_id bigint NOT NULL,
    root_id bigint NOT NULL,
    PRIMARY KEY (account_id, root_id)
);
CREATE TABLE tags (
    name text PRIMARY KEY,                         -- folded
    id bigint NOT NULL UNIQUE,
    display_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE status_tags (
    account_id bigint NOT NULL,
    tag text NOT NULL,
    status_id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id, tag)
);
CREATE INDEX status_tags_timeline ON status_tags (tag, status_id DESC) INCLUDE (account_id);
CREATE TABLE tag_follows (
    account_id bigint NOT NULL,
    tag text NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (account_id, tag)
);
CREATE INDEX tag_follows_tag ON tag_follows (tag);
CREATE TABLE featured_tags (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    tag text NOT NULL,
    PRIMARY KEY (account_id, tag)
);
CREATE TABLE media (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    status_id bigint,
    position smallint NOT NULL DEFAULT 0,
    kind text NOT NULL,
    state text NOT NULL,
    file_key text,
    preview_key text,
    content_type text,
    remote_url text,
    meta jsonb NOT NULL DEFAULT '{}',
    focus_x real NOT NULL DEFAULT 0,
    focus_y real NOT NULL DEFAULT 0,
    description text,
    blurhash text,
    size_bytes bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id)
);
CREATE INDEX media_status ON media (account_id, status_id) WHERE status_id IS NOT NULL;
CREATE INDEX media_unattached ON media (created_at) WHERE status_id IS NULL;

-- What a person reads --------------------------------------------------------------------------------------------------

CREATE TABLE home (
    account_id bigint NOT NULL,                    -- the reader
    status_id bigint NOT NULL,
    author_id bigint NOT NULL,
    original_id bigint,                            -- of an echo
    original_author_id bigint,
    reply_to_id bigint,                            -- the account that is answered
    PRIMARY KEY (account_id, status_id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.5);
CREATE TABLE pulled_authors (                      -- those with too many followers to push to; they stay in it
    account_id bigint PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE notifications (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    type text NOT NULL,
    from_id bigint NOT NULL,
    status_id bigint,
    status_author_id bigint,
    group_key text NOT NULL,
    filtered boolean NOT NULL DEFAULT false,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, type, from_id, coalesce(status_id, 0));
CREATE TABLE markers (
    account_id bigint NOT NULL,
    timeline text NOT NULL CHECK (timeline IN ('home', 'notifications')),
    last_read_id bigint NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, timeline)
);
CREATE TABLE filters (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    title text NOT NULL,
    contexts text[] NOT NULL,
    action text NOT NULL CHECK (action IN ('warn', 'hide', 'blur')),
    expires_at timestamptz,
    PRIMARY KEY (account_id, id)
);
CREATE TABLE filter_keywords (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    filter_id bigint NOT NULL,
    keyword text NOT NULL,
    whole_word boolean NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, filter_id) REFERENCES filters ON DELETE CASCADE
);
CREATE TABLE filter_statuses (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    filter_id bigint NOT NULL,
    status_id bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, filter_id, status_id),
    FOREIGN KEY (account_id, filter_id) REFERENCES filters ON DELETE CASCADE
);

-- The place itself -----------------------------------------------------------------------------------------------------

CREATE TABLE custom_emojis (
    shortcode text NOT NULL,
    domain text NOT NULL DEFAULT '',
    file_key text NOT NULL,
    static_key text NOT NULL,
    category text,
    visible boolean NOT NULL DEFAULT true,
    disabled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (domain, shortcode)
);
CREATE TABLE rules (
    id bigint PRIMARY KEY,
    position integer NOT NULL DEFAULT 0,
    text text NOT NULL,
    hint text NOT NULL DEFAULT '',
    deleted_at timestamptz
);
CREATE TABLE documents (
    kind text NOT NULL CHECK (kind IN ('terms', 'privacy', 'about')),
    version integer NOT NULL,
    body text NOT NULL,
    effective_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, version)
);
CREATE TABLE secrets (                             -- keys of the place itself: made once, kept for ever
    name text PRIMARY KEY,
    value bytea NOT NULL
);
