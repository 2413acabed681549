-- What was taken away for good, by its number alone, so that a place that is brought back to an earlier moment, or from
-- an older copy, does not serve it again. Noted by the tables themselves: no way of deleting can forget it.
CREATE TABLE removals (
    account_id bigint NOT NULL,                    -- whose it was
    number bigint GENERATED ALWAYS AS IDENTITY,
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 5), -- 1 post, 2 account, 3 medium, 4 session, 5 token
    item_id bigint NOT NULL,
    removed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(), -- numbers are not in the order of commits; with it, none is overlooked
    PRIMARY KEY (account_id, number)
);
CREATE INDEX removals_order ON removals (xid, number);
CREATE INDEX removals_age ON removals (removed_at);

CREATE FUNCTION note_removals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) SELECT account_id, TG_ARGV[0]::smallint, id FROM gone;
    RETURN NULL;
END $$;

CREATE FUNCTION note_removed_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) VALUES (NEW.account_id, 2, NEW.account_id);
    RETURN NULL;
END $$;

CREATE TRIGGER note_removals AFTER DELETE ON statuses REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_removals('1');
CREATE TRIGGER note_removals AFTER INSERT ON deletions FOR EACH ROW EXECUTE FUNCTION note_removed_account();
CREATE TRIGGER note_removals AFTER DELETE ON media REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_removals('3');
CREATE TRIGGER note_removals AFTER DELETE ON sessions REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_removals('4');
CREATE TRIGGER note_removals AFTER DELETE ON oauth_tokens REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_removals('5');
