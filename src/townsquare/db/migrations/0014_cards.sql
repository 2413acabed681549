-- Cards: what pages that people link to say of themselves. One for each page, shared by all posts that link to it.

CREATE TABLE cards (
    url text PRIMARY KEY,                          -- normalised
    id bigint NOT NULL UNIQUE,
    details jsonb NOT NULL,
    language text,
    image_key text,
    image_url text,
    blurhash text,
    author_id bigint,                              -- whom the page names, and who says that they write for it
    claimed_id bigint,                             -- whom the page names, and who does not say so
    fetched_at timestamptz NOT NULL,
    trendable boolean                              -- what somebody has decided of it; null: nothing
);
CREATE INDEX cards_claimed ON cards (claimed_id) WHERE claimed_id IS NOT NULL;
CREATE INDEX cards_fetched ON cards (fetched_at);

CREATE TABLE links (                               -- addresses that were looked at, and to which card they lead
    url text PRIMARY KEY,                          -- normalised
    card_url text,                                 -- null: to none
    fetched_at timestamptz NOT NULL
);
CREATE INDEX links_fetched ON links (fetched_at);

CREATE TABLE status_cards (
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    url text NOT NULL,                             -- of the card
    link text NOT NULL,                            -- as the author wrote it
    PRIMARY KEY (account_id, status_id)
);
CREATE INDEX status_cards_url ON status_cards (url, status_id DESC) INCLUDE (account_id);
