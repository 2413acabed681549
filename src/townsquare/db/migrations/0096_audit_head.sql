-- How far the audit log is, vouched for with a key that is not in the database, in the transaction of each entry: what
-- is cut off its end, or put there by whoever has not the key, shows at once, and not by the next checkpoint alone.
-- Its one row is made when this migration has run (moderation/audit.py: begin), and never again.

CREATE TABLE audit.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL,                        -- of the last entry
    digest bytea NOT NULL,                         -- its digest
    mark bytea NOT NULL                            -- HMAC-SHA-256 of both
);
CREATE FUNCTION audit.audit_head_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.number > OLD.number THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE OR DELETE ON audit.head
    FOR EACH ROW EXECUTE FUNCTION audit.audit_head_goes_on();
CREATE TRIGGER audit_head_stays BEFORE TRUNCATE ON audit.head EXECUTE FUNCTION audit.audit_log_stays();
