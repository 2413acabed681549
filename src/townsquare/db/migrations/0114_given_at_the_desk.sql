-- What somebody is at the desk is what they were made there, or follows from their rank. Taking a case wrote the second
-- as if it were the first, so that an admin who is none any more stayed one at the desk.

ALTER TABLE desk_members ALTER COLUMN role DROP NOT NULL;  -- without one: as their rank says
UPDATE desk_members m SET role = NULL
WHERE NOT EXISTS (SELECT FROM audit.log l WHERE l.action = 'desk.role' AND l.target = 'account:' || m.account_id)
    OR NOT EXISTS (SELECT FROM users u WHERE u.account_id = m.account_id AND u.role <> 'user');

CREATE FUNCTION ranked_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE desk_members SET role = NULL WHERE account_id = NEW.account_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER ranked_anew AFTER UPDATE OF role ON users
    FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role) EXECUTE FUNCTION ranked_anew();
