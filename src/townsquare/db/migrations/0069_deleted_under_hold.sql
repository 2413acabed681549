-- What was deleted before a hold was set on it, and is still kept to be reported: a deleted account leaves it under the hold.

CREATE TRIGGER keep_under_hold AFTER DELETE ON sealed_posts
    FOR EACH ROW EXECUTE FUNCTION keep_under_hold('account_id', 'id');
