-- Keeping order: reports with what was reported as it was, strikes, what the whole place blocks, and the audit log.
--
-- These rows belong to the place itself, not to one of the people in them: they must outlast an account that is moved or
-- erased.

ALTER TABLE accounts ADD COLUMN sensitized_at timestamptz;   -- all of their posts are shown as sensitive
ALTER TABLE accounts ADD COLUMN standing_of_domain timestamptz;  -- when the block was made that stands for their server
CREATE INDEX accounts_suspended ON accounts (id) WHERE suspended_at IS NOT NULL;
CREATE INDEX accounts_limited ON accounts (id) WHERE limited_at IS NOT NULL;
CREATE INDEX accounts_sensitized ON accounts (id) WHERE sensitized_at IS NOT NULL;

ALTER TABLE users ADD COLUMN sign_up_address inet;
CREATE INDEX users_pending ON users (account_id) WHERE approved_at IS NULL;
CREATE INDEX users_disabled ON users (account_id) WHERE disabled_at IS NOT NULL;
CREATE INDEX users_address ON users USING gist (sign_up_address inet_ops);
CREATE INDEX sessions_address ON sessions USING gist (address inet_ops);

-- A post's stored JSON as it is shown while its author is marked sensitive, or as its author said.
CREATE FUNCTION with_sensitive(body bytea, sensitive boolean) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN convert_to(
    regexp_replace(convert_from(body, 'UTF8'), '"sensitive":(true|false)', '"sensitive":' || sensitive::text), 'UTF8');

-- Reports --------------------------------------------------------------------------------------------------------------

CREATE TABLE reports (
    id bigint PRIMARY KEY,
    account_id bigint NOT NULL,                    -- who reports
    target_id bigint NOT NULL,                     -- who is reported
    category text NOT NULL DEFAULT 'other' CHECK (category IN ('spam', 'legal', 'violation', 'other')),
    comment text NOT NULL DEFAULT '',
    status_ids bigint[] NOT NULL DEFAULT '{}',
    collection_ids bigint[] NOT NULL DEFAULT '{}',
    rule_ids bigint[] NOT NULL DEFAULT '{}',
    forward boolean NOT NULL DEFAULT false,        -- the other server is to be told
    forwarded_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    assigned_id bigint,
    resolved_at timestamptz,
    resolved_by_id bigint
);
CREATE INDEX reports_account ON reports (account_id, id);
CREATE INDEX reports_target ON reports (target_id, id);
CREATE INDEX reports_open ON reports (id) WHERE resolved_at IS NULL;
CREATE INDEX reports_resolved ON reports (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE report_items (                        -- what was reported, as it was at that moment
    report_id bigint NOT NULL REFERENCES reports ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('account', 'status')),
    item_id bigint NOT NULL,
    entity bytea NOT NULL,                         -- its JSON as apps get it
    text text NOT NULL DEFAULT '',                 -- of a post: as written
    file_keys text[] NOT NULL DEFAULT '{}',        -- copies of these stand under evidence/ in the store
    PRIMARY KEY (report_id, kind, item_id)
);
CREATE INDEX report_items_item ON report_items (item_id, kind);

CREATE TABLE strikes (                             -- what was done about somebody, as they are told it
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    actor_id bigint NOT NULL,                      -- 0: an operator at the terminal
    action text NOT NULL CHECK (action IN (
        'none', 'disable', 'mark_statuses_as_sensitive', 'delete_statuses', 'sensitive', 'silence', 'suspend')),
    text text NOT NULL DEFAULT '',
    report_id bigint,
    status_ids bigint[],
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE TABLE warning_presets (
    id bigint PRIMARY KEY,
    title text NOT NULL,
    text text NOT NULL
);

-- What the whole place blocks ------------------------------------------------------------------------------------------

CREATE TABLE place_domain_blocks (
    id bigint PRIMARY KEY,
    domain text NOT NULL UNIQUE,                   -- with all below it
    severity text NOT NULL CHECK (severity IN ('silence', 'suspend', 'noop')),
    reject_media boolean NOT NULL,
    reject_reports boolean NOT NULL,
    private_comment text,
    public_comment text,
    obfuscate boolean NOT NULL,
    created_at timestamptz NOT NULL                -- also the time of the suspensions and limits that come of it
);
CREATE TABLE place_domain_allows (
    id bigint PRIMARY KEY,
    domain text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE TABLE email_domain_blocks (
    id bigint PRIMARY KEY,
    domain text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE TABLE email_domain_uses (                   -- how often somebody tried to sign up with a blocked domain
    domain text NOT NULL,
    day date NOT NULL,
    address inet NOT NULL,
    uses integer NOT NULL DEFAULT 1,
    PRIMARY KEY (domain, day, address)
);
CREATE TABLE canonical_email_blocks (
    id bigint PRIMARY KEY,
    hash text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
    account_id bigint,                             -- whose suspension made it
    created_at timestamptz NOT NULL
);
CREATE INDEX canonical_email_blocks_account ON canonical_email_blocks (account_id) WHERE account_id IS NOT NULL;
CREATE TABLE ip_blocks (
    id bigint PRIMARY KEY,
    network cidr NOT NULL UNIQUE,
    severity text NOT NULL CHECK (severity IN ('sign_up_requires_approval', 'sign_up_block', 'no_access')),
    comment text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX ip_blocks_network ON ip_blocks USING gist (network inet_ops);

-- Figures --------------------------------------------------------------------------------------------------------------

CREATE TABLE visits (                              -- on which days of a month somebody came: bit 0 is the first
    account_id bigint NOT NULL,
    month date NOT NULL,
    days integer NOT NULL,
    PRIMARY KEY (account_id, month)
);
CREATE INDEX visits_month ON visits (month);
INSERT INTO visits (account_id, month, days)
SELECT account_id, date_trunc('month', last_seen_on)::date, 1 << (extract(day FROM last_seen_on)::int - 1)
FROM users WHERE last_seen_on IS NOT NULL;
-- Ids begin with the time, and rows come in the order of time: such an index is small and costs hardly anything to keep.
CREATE INDEX favourites_when ON favourites USING brin (id);

-- The audit log --------------------------------------------------------------------------------------------------------
--
-- Each entry is one line of JSON, kept as it was written. The digest of an entry is SHA-256 of the digest before, the
-- entry's number (8 bytes, the highest first) and the line: what is changed, put in or taken out later shows.

CREATE TABLE audit_log (
    number bigint PRIMARY KEY,
    entry text NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL,
    actor_id bigint GENERATED ALWAYS AS ((entry::jsonb ->> 'actor_id')::bigint) STORED,
    action text GENERATED ALWAYS AS (entry::jsonb ->> 'action') STORED,
    target text GENERATED ALWAYS AS (entry::jsonb ->> 'target') STORED
);
CREATE INDEX audit_log_target ON audit_log (target, number);
CREATE INDEX audit_log_actor ON audit_log (actor_id, number);

CREATE FUNCTION audit_log_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(8386654020361577833);  -- one at a time, until it is committed
    SELECT number, digest INTO last FROM audit_log ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous := coalesce(last.digest, decode(repeat('00', 32), 'hex'));
    NEW.digest := sha256(NEW.previous || int8send(NEW.number) || convert_to(NEW.entry, 'UTF8'));
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_log_chain BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_chain();

CREATE FUNCTION audit_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log EXECUTE FUNCTION audit_log_stays();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM PUBLIC;
