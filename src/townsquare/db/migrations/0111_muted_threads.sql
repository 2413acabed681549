-- Who has muted a thread is looked for whenever a post joins one; and posts that joined muted threads so far show it.

CREATE INDEX thread_mutes_root ON thread_mutes (root_id);

INSERT INTO marks (account_id, status_id, author_id, muted)
SELECT t.account_id, p.status_id, p.author_id, true
FROM thread_mutes t
JOIN statuses s ON s.id = t.root_id
JOIN thread_posts p ON p.account_id = s.account_id AND p.root_id = s.id
ON CONFLICT (account_id, status_id) DO UPDATE SET muted = true;
