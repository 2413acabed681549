-- Legal holds, and how long evidence is kept.
--
-- What is under a hold is deleted for everybody as anything else is, and a copy of it stays: the database itself makes it,
-- so that no way of deleting can forget to ask. A copy is sealed within seconds (moderation/holds.py).

CREATE TABLE legal_holds (
    id bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('account', 'status', 'case')),
    owner_id bigint NOT NULL,                      -- whose account or post; 0 for a case
    item_id bigint NOT NULL,
    why text NOT NULL CHECK (why <> ''),           -- which order, of whom
    set_by_id bigint NOT NULL,                     -- 0: an operator at the terminal
    set_at timestamptz NOT NULL,
    until timestamptz,                             -- null: until it is lifted
    lifted_at timestamptz,
    lifted_by_id bigint,
    lifted_why text NOT NULL DEFAULT '',
    CHECK ((lifted_at IS NULL) = (lifted_by_id IS NULL)),
    CHECK ((kind = 'case') = (owner_id = 0))
);
CREATE INDEX legal_holds_standing ON legal_holds (owner_id, item_id) WHERE lifted_at IS NULL;

CREATE FUNCTION legal_holds_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.lifted_at IS NULL
        AND to_jsonb(OLD) - '{lifted_at,lifted_by_id,lifted_why}'::text[]
            = to_jsonb(NEW) - '{lifted_at,lifted_by_id,lifted_why}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a legal hold is lifted, and not changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER legal_holds_stay BEFORE UPDATE OR DELETE ON legal_holds FOR EACH ROW EXECUTE FUNCTION legal_holds_stay();

-- The one place that knows. `item`: a post of theirs, or 0 for what is of the account itself.
CREATE FUNCTION under_hold(owner bigint, item bigint) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM legal_holds h
    WHERE h.lifted_at IS NULL AND (h.until IS NULL OR h.until > now()) AND (
        (h.kind = 'account' AND h.owner_id = owner)
        OR (h.kind = 'status' AND h.owner_id = owner AND h.item_id = item)
        OR (h.kind = 'case' AND EXISTS (
            SELECT FROM case_items i
            WHERE i.case_id = h.item_id AND i.owner_id = owner AND (i.item_id = item OR i.kind = 'account')))));
CREATE FUNCTION case_under_hold(number bigint) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (
        SELECT FROM legal_holds h WHERE h.kind = 'case' AND h.item_id = number AND h.lifted_at IS NULL
            AND (h.until IS NULL OR h.until > now()))
    OR EXISTS (SELECT FROM case_items i WHERE i.case_id = number AND under_hold(i.owner_id, i.item_id));

CREATE TABLE kept_rows (                           -- what was deleted, or changed, under a hold
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,
    source text NOT NULL,                          -- of which table it was a row
    deleted boolean NOT NULL,
    content jsonb,                                 -- as it was, until it is sealed
    sealed bytea,
    kept_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((content IS NULL) <> (sealed IS NULL))
);
CREATE INDEX kept_rows_owner ON kept_rows (owner_id, item_id);
CREATE INDEX kept_rows_open ON kept_rows (id) WHERE content IS NOT NULL;
CREATE TABLE kept_files (                          -- the files of those, which are sealed when they are deleted
    key text PRIMARY KEY,
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX kept_files_owner ON kept_files (owner_id, item_id);

CREATE FUNCTION keep_under_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb;
    owner bigint;
    item bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM legal_holds WHERE lifted_at IS NULL) THEN
        RETURN NULL;
    END IF;
    was := to_jsonb(OLD);
    owner := (was ->> TG_ARGV[0])::bigint;
    item := coalesce((was ->> TG_ARGV[1])::bigint, 0);
    IF NOT under_hold(owner, item) THEN
        RETURN NULL;
    END IF;
    INSERT INTO kept_rows (owner_id, item_id, source, deleted, content)
    VALUES (owner, item, TG_TABLE_NAME, TG_OP = 'DELETE', was);
    IF TG_TABLE_NAME IN ('media', 'accounts') THEN
        INSERT INTO kept_files (key, owner_id, item_id)
        SELECT DISTINCT k.value, owner, item FROM jsonb_each_text(was) k
        WHERE k.key LIKE '%\_key' AND k.value IS NOT NULL AND k.value <> ''
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_under_hold AFTER DELETE OR UPDATE OF text, spoiler_text ON statuses
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'id');
CREATE TRIGGER keep_under_hold AFTER DELETE ON status_edits
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'status_id');
CREATE TRIGGER keep_under_hold AFTER DELETE ON polls
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'status_id');
CREATE TRIGGER keep_under_hold AFTER DELETE ON mentions
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'status_id');
CREATE TRIGGER keep_under_hold AFTER DELETE OR UPDATE OF file_key, preview_key, description ON media
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'status_id');
CREATE TRIGGER keep_under_hold
    AFTER DELETE OR UPDATE OF display_name, note, avatar_key, avatar_static_key, header_key, header_static_key ON accounts
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('id', '');
CREATE TRIGGER keep_under_hold AFTER DELETE ON scheduled_statuses
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', '');
CREATE TRIGGER keep_under_hold AFTER DELETE ON collections
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'id');
CREATE TRIGGER keep_under_hold AFTER DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', '');
CREATE TRIGGER keep_under_hold AFTER DELETE ON emails
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', '');
CREATE TRIGGER keep_under_hold AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', '');

-- What was sealed because it was reported. It goes when its time is over, and never while a hold stands.
ALTER TABLE cases ADD COLUMN purged_at timestamptz;  -- when what was kept of it went
CREATE INDEX cases_purge ON cases (decided_at) WHERE state = 'decided' AND purged_at IS NULL;

CREATE FUNCTION evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held boolean;
BEGIN
    IF OLD.sealed IS NULL OR NOT EXISTS (SELECT FROM legal_holds WHERE lifted_at IS NULL) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    CASE TG_TABLE_NAME
        WHEN 'case_items' THEN
            held := case_under_hold(OLD.case_id);
        WHEN 'report_items' THEN
            held := EXISTS (SELECT FROM reports r WHERE r.id = OLD.report_id AND under_hold(r.target_id, OLD.item_id))
                OR EXISTS (SELECT FROM case_reports r WHERE r.report_id = OLD.report_id AND case_under_hold(r.case_id));
        WHEN 'kept_rows' THEN
            held := TG_OP = 'DELETE' AND under_hold(OLD.owner_id, OLD.item_id);
        ELSE
            held := EXISTS (SELECT FROM case_reports r WHERE r.report_id = OLD.notice_id AND case_under_hold(r.case_id));
    END CASE;
    IF held THEN
        RAISE EXCEPTION 'this is kept under a legal hold' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF sealed ON case_items FOR EACH ROW EXECUTE FUNCTION evidence_stays();
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF sealed ON report_items FOR EACH ROW EXECUTE FUNCTION evidence_stays();
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF sealed ON notice_items FOR EACH ROW EXECUTE FUNCTION evidence_stays();
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF sealed ON notice_files FOR EACH ROW EXECUTE FUNCTION evidence_stays();
CREATE TRIGGER evidence_stays BEFORE DELETE ON kept_rows FOR EACH ROW EXECUTE FUNCTION evidence_stays();
