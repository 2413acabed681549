-- The mirror: all that is public here as files for any static host (continuity/mirror/).

CREATE TABLE mirror_targets (                      -- where it is kept up to date
    url text PRIMARY KEY,
    since timestamptz NOT NULL,
    built_at timestamptz,                          -- null: it is being written as a whole
    signed_at timestamptz,                         -- what its manifest says
    failing text NOT NULL DEFAULT ''               -- why the last attempt could not write to it
);

CREATE TABLE mirror_posts (                        -- the posts that are in it, with what says on which pages they stand
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    root_id bigint NOT NULL,
    parent_id bigint NOT NULL,                     -- 0: answers nothing
    quoted_id bigint NOT NULL,                     -- 0: quotes nothing
    tags text[] NOT NULL,
    words text[] NOT NULL,                         -- by which it is found; none where its author does not want that
    shards text[] NOT NULL,                        -- the parts of the index in which these stand
    files text[] NOT NULL,                         -- the keys of its own files
    PRIMARY KEY (account_id, status_id)
);
CREATE INDEX mirror_posts_thread ON mirror_posts (root_id, status_id);
CREATE INDEX mirror_posts_latest ON mirror_posts (status_id DESC);
CREATE INDEX mirror_posts_quoted ON mirror_posts (quoted_id) WHERE quoted_id <> 0;
CREATE INDEX mirror_posts_tags ON mirror_posts USING gin (tags);
CREATE INDEX mirror_posts_shards ON mirror_posts USING gin (shards);
CREATE INDEX mirror_posts_files ON mirror_posts USING gin (files);

CREATE TABLE mirror_marks (                        -- what has changed since the pages were written
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,                     -- 0: the person
    marked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, status_id)
);

CREATE TABLE mirror_pages (                        -- what is to be written anew, by target
    url text NOT NULL REFERENCES mirror_targets ON DELETE CASCADE,
    page text NOT NULL,
    since integer NOT NULL DEFAULT 0,              -- of a list: from which of its parts on
    owed_at timestamptz NOT NULL,
    PRIMARY KEY (url, page)
);

CREATE TABLE mirror_files (                        -- what lies there
    url text NOT NULL REFERENCES mirror_targets ON DELETE CASCADE,
    path text NOT NULL,
    digest bytea NOT NULL,                         -- SHA-256
    size bigint NOT NULL,
    part smallint NOT NULL,                        -- of the manifest; -1: the parts themselves
    PRIMARY KEY (url, path)
);
CREATE INDEX mirror_files_part ON mirror_files (url, part);
