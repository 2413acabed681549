-- Signals: what programs that screen say of posts and people (`estimates`, 0041) opens and joins cases as a report does,
-- and how often each program was right is counted as it is of reporters. A program says; people decide.

CREATE TABLE machines (                            -- programs that say something, each version by itself
    source text PRIMARY KEY,                       -- `name:version`
    name text NOT NULL,
    version text NOT NULL,
    key_id bigint NOT NULL REFERENCES notice_keys, -- with which key its last signal came
    decided integer NOT NULL DEFAULT 0,
    upheld integer NOT NULL DEFAULT 0 CHECK (upheld BETWEEN 0 AND decided),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()  -- when more became known of how often it is right
);
CREATE INDEX machines_changed ON machines (changed_at);

ALTER TABLE estimates
    ALTER COLUMN score TYPE double precision,      -- it is told as it was given
    ADD COLUMN id bigint NOT NULL,                 -- of the signal; nothing has written here before
    ADD COLUMN author_id bigint NOT NULL,
    ADD COLUMN gathered boolean NOT NULL DEFAULT false,  -- whether it has reached the case that it belongs to
    ADD COLUMN case_id bigint REFERENCES cases,    -- that which it opened or joined first
    ADD COLUMN upheld boolean,                     -- null until it is decided, and where it said too little to be right or wrong
    ADD COLUMN private boolean NOT NULL DEFAULT false,
    ADD COLUMN sealed bytea,                       -- the thing as it was then, as report_items keeps it
    ADD COLUMN file_keys text[] NOT NULL DEFAULT '{}',  -- copies of these stand under evidence/ in the store
    ADD COLUMN prints bytea[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT estimates_source FOREIGN KEY (source) REFERENCES machines;
CREATE UNIQUE INDEX estimates_id ON estimates (id);
CREATE INDEX estimates_source_item ON estimates (source, item_id);

CREATE OR REPLACE FUNCTION evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHEN 'estimates' THEN
            held := under_hold(OLD.owner_id, OLD.item_id);
        ELSE
            held := EXISTS (SELECT FROM case_reports r WHERE r.report_id = OLD.notice_id AND case_under_hold(r.case_id));
    END CASE;
    IF held THEN
        RAISE EXCEPTION 'this is kept under a legal hold' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF sealed ON estimates FOR EACH ROW EXECUTE FUNCTION evidence_stays();
