-- What takes something away is on the other host before anybody is told that it is gone, whatever other writes wait for:
-- a promotion must not bring back what was deleted in the last moment. And an edit is noted too: what it took out of a post
-- is not served again by a place that comes back from before.
ALTER TABLE removals DROP CONSTRAINT removals_kind_check;
ALTER TABLE removals ADD CONSTRAINT removals_kind_check CHECK (kind BETWEEN 1 AND 6); -- 6 what a post said before an edit

CREATE OR REPLACE FUNCTION note_removals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) SELECT account_id, TG_ARGV[0]::smallint, id FROM gone;
    IF FOUND THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_removed_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) VALUES (NEW.account_id, 2, NEW.account_id);
    PERFORM set_config('synchronous_commit', 'on', true);
    RETURN NULL;
END $$;

CREATE FUNCTION note_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) VALUES (NEW.account_id, 6, NEW.id);
    PERFORM set_config('synchronous_commit', 'on', true);
    RETURN NULL;
END $$;

CREATE TRIGGER note_edit AFTER UPDATE OF edited_at ON statuses FOR EACH ROW
    WHEN (NEW.edited_at IS DISTINCT FROM OLD.edited_at) EXECUTE FUNCTION note_edit();
