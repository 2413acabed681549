-- Collections: people whom somebody recommends together, by their consent. Annual reports: what a year was.

CREATE TABLE collections (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    language text,
    tag text,                                      -- as written
    sensitive boolean NOT NULL DEFAULT false,
    discoverable boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX collections_id ON collections (id) INCLUDE (account_id);
CREATE TABLE collection_items (                    -- owned by who collects
    account_id bigint NOT NULL,
    collection_id bigint NOT NULL,
    id bigint NOT NULL,
    target_id bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected', 'revoked')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, collection_id, target_id),
    UNIQUE (account_id, collection_id, id),
    FOREIGN KEY (account_id, collection_id) REFERENCES collections ON DELETE CASCADE
);
CREATE INDEX collection_items_target ON collection_items (target_id, collection_id);

CREATE TABLE annual_reports (
    account_id bigint NOT NULL,
    year integer NOT NULL,
    data jsonb,                                    -- null: it is being made
    asked_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz,
    PRIMARY KEY (account_id, year)
);
