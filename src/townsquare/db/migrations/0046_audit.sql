-- The audit log stands in a schema of its own, so that a role other than the service's can own all of it
-- (db/rights.py): then the service may read it and add to it, and nothing else.

CREATE SCHEMA audit;
ALTER TABLE audit_log SET SCHEMA audit;
ALTER TABLE audit.audit_log RENAME TO log;
ALTER FUNCTION audit_log_chain() SET SCHEMA audit;
ALTER FUNCTION audit_log_stays() SET SCHEMA audit;

CREATE OR REPLACE FUNCTION audit.audit_log_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(8386654020361577833);  -- one at a time, until it is committed
    SELECT number, digest INTO last FROM audit.log ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous := coalesce(last.digest, decode(repeat('00', 32), 'hex'));
    NEW.digest := sha256(NEW.previous || int8send(NEW.number) || convert_to(NEW.entry, 'UTF8'));
    RETURN NEW;
END
$$;

CREATE TABLE audit.checkpoints (                   -- that the log was so far along, signed (moderation/checkpoints.py)
    number bigint PRIMARY KEY,                     -- of the last entry
    digest bytea NOT NULL,                         -- its digest
    note text NOT NULL,                            -- both of them, signed
    made_at timestamptz NOT NULL
);
CREATE TRIGGER audit_checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoints
    EXECUTE FUNCTION audit.audit_log_stays();
REVOKE UPDATE, DELETE, TRUNCATE ON audit.checkpoints FROM PUBLIC;
