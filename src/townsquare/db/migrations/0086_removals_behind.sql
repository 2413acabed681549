-- What background work takes away waits for nobody, as none of its commits does: nobody was told that it is done, and where
-- the commit is lost, so is the end of the job, which then runs again.
CREATE FUNCTION wait_for_removal() RETURNS void LANGUAGE sql AS $$
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'local'
$$;

CREATE OR REPLACE FUNCTION note_removals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) SELECT account_id, TG_ARGV[0]::smallint, id FROM gone;
    IF FOUND THEN
        PERFORM wait_for_removal();
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_removed_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) VALUES (NEW.account_id, 2, NEW.account_id);
    PERFORM wait_for_removal();
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) VALUES (NEW.account_id, 6, NEW.id);
    PERFORM wait_for_removal();
    RETURN NULL;
END $$;
