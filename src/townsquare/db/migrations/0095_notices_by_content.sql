-- What is the same notice: the same message, or the same reference of the same program, with the same content. Whoever
-- sends something else under a name that they have used has given another notice.

ALTER TABLE notices ADD COLUMN digest bytea NOT NULL DEFAULT '';  -- SHA-256 of what it says; of older ones nothing
DROP INDEX notices_message;
DROP INDEX notices_reference;
CREATE UNIQUE INDEX notices_message ON notices (message_id, digest) WHERE way = 'mail' AND digest <> '';
CREATE UNIQUE INDEX notices_reference ON notices (key_id, reference, digest) WHERE key_id IS NOT NULL AND reference <> '';
