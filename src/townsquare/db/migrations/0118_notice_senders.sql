-- Who gives notice and is known again: by the key of a program, or by an address of which it is proven that messages come
-- from it. What is clearly unfounded is counted by these (Digital Services Act, article 23 (2)), as reports are by accounts.

CREATE TABLE notice_senders (
    id bigint PRIMARY KEY,                         -- in misuse, where an account has its own
    print bytea UNIQUE,                            -- of the address, which stands sealed with each notice
    key_id bigint UNIQUE REFERENCES notice_keys,
    CHECK ((print IS NULL) <> (key_id IS NULL))
);
ALTER TABLE notices ADD COLUMN sender_id bigint REFERENCES notice_senders;
CREATE INDEX notices_sender ON notices (sender_id, id) WHERE sender_id IS NOT NULL;
ALTER TABLE misuse DROP CONSTRAINT misuse_way_check,
    ADD CONSTRAINT misuse_way_check CHECK (way IN ('reports', 'appeals', 'notices'));
