-- Likes and filters can be brought along as well.
ALTER TABLE brought DROP CONSTRAINT brought_kind_check;
ALTER TABLE brought ADD CONSTRAINT brought_kind_check
    CHECK (kind IN ('following', 'blocks', 'mutes', 'lists', 'favourites', 'bookmarks', 'filters', 'domain_blocks'));

-- Whether there are passkeys left that were made at a former domain: then signing in asks for these too.
CREATE INDEX passkeys_left ON passkeys (made_at_host) WHERE made_at_host IS NOT NULL;
