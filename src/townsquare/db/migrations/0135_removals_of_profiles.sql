-- What somebody said and showed of themselves before they changed it, and passkeys that they took away, are not served or
-- taken again by a place that comes back from before.
ALTER TABLE removals DROP CONSTRAINT removals_kind_check;
ALTER TABLE removals ADD CONSTRAINT removals_kind_check
    CHECK (kind BETWEEN 1 AND 8);                  -- 7 what a profile said before it was changed, 8 passkey

CREATE FUNCTION note_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removals (account_id, kind, item_id) VALUES (NEW.id, 7, NEW.id);
    PERFORM wait_for_removal();
    RETURN NULL;
END $$;

CREATE TRIGGER note_profile AFTER UPDATE OF display_name, note, fields, avatar_key, header_key ON accounts FOR EACH ROW
    WHEN (NEW.domain IS NULL
        AND (NEW.display_name, NEW.note, NEW.fields, NEW.avatar_key, NEW.header_key)
            IS DISTINCT FROM (OLD.display_name, OLD.note, OLD.fields, OLD.avatar_key, OLD.header_key))
    EXECUTE FUNCTION note_profile();
CREATE TRIGGER note_removals AFTER DELETE ON passkeys REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_removals('8');
