-- Who wants to be told of each post of an author: a few, found without looking at a million followers.

CREATE INDEX followers_notify ON followers (account_id, follower_id) WHERE notify AND local;
