-- The files of what was reported, until sealed copies of them stand: whatever deletes one first makes the copy
-- (media/purge.py), so that none is lost where a job waits, or fails and is tried again.

CREATE TABLE evidence_waits (
    key text NOT NULL,
    source_id bigint NOT NULL,                     -- the report, the notice or the signal
    PRIMARY KEY (key, source_id)
);
CREATE INDEX evidence_waits_source ON evidence_waits (source_id);

CREATE FUNCTION evidence_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO evidence_waits (key, source_id)
    SELECT unnest(NEW.file_keys), (to_jsonb(NEW) ->> TG_ARGV[0])::bigint ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER evidence_waits AFTER INSERT ON report_items
    FOR EACH ROW WHEN (NEW.file_keys <> '{}') EXECUTE FUNCTION evidence_waits('report_id');
CREATE TRIGGER evidence_waits AFTER INSERT ON notice_items
    FOR EACH ROW WHEN (NEW.file_keys <> '{}') EXECUTE FUNCTION evidence_waits('notice_id');
CREATE TRIGGER evidence_waits AFTER INSERT OR UPDATE OF file_keys ON estimates
    FOR EACH ROW WHEN (NEW.file_keys <> '{}') EXECUTE FUNCTION evidence_waits('id');
