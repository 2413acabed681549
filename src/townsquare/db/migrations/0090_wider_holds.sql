-- Under a hold is also kept what was changed and not deleted: the fields of a profile, an address, and the files of a
-- post that wait for another one when it is written anew, or lose their place in it.

CREATE TRIGGER keep_released AFTER UPDATE OF status_id ON media
    FOR EACH ROW WHEN (OLD.status_id IS NOT NULL AND NEW.status_id IS NULL)
    EXECUTE FUNCTION keep_under_hold('account_id', 'status_id');
CREATE TRIGGER keep_changed AFTER UPDATE OF email_sealed ON users
    FOR EACH ROW WHEN (OLD.email_sealed IS DISTINCT FROM NEW.email_sealed)
    EXECUTE FUNCTION keep_under_hold('account_id', '');
DROP TRIGGER keep_under_hold ON accounts;
CREATE TRIGGER keep_under_hold
    AFTER DELETE OR UPDATE OF display_name, note, fields, avatar_key, avatar_static_key, header_key, header_static_key,
        header_small_key ON accounts
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('id', '');
