-- Trends: what many people use on a day that few used the day before, and posts that many like.
--
-- Uses are counted by the worker as they happen; nothing ever reads all posts to count them. These tables belong to
-- what they count (a hashtag, a page), not to people, and hold the last days only.

CREATE TABLE trend_uses (                          -- who used what on a day: a person counts once
    kind text NOT NULL CHECK (kind IN ('tag', 'link')),
    key text NOT NULL,                             -- the folded hashtag, or the address of the card
    day integer NOT NULL,                          -- since 1970, in UTC
    account_id bigint NOT NULL,
    last_id bigint NOT NULL,                       -- the last post or echo that was counted, so that none is twice
    PRIMARY KEY (kind, key, day, account_id)
);
CREATE INDEX trend_uses_day ON trend_uses (day);
CREATE TABLE trend_days (
    kind text NOT NULL,
    key text NOT NULL,
    day integer NOT NULL,
    uses bigint NOT NULL,
    accounts bigint NOT NULL,
    PRIMARY KEY (kind, key, day)
) WITH (fillfactor = 80);
CREATE INDEX trend_days_busy ON trend_days (kind, day, accounts DESC);
CREATE TABLE trending (
    kind text NOT NULL,
    key text NOT NULL,
    score double precision NOT NULL,
    peak double precision NOT NULL,                -- the highest score of the last days, from which it falls
    peak_at timestamptz NOT NULL,
    language text,
    allowed boolean NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE TABLE trend_touched (                       -- posts that were liked or echoed since the last look
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    PRIMARY KEY (account_id, status_id)
);
CREATE TABLE trending_statuses (
    account_id bigint NOT NULL,
    status_id bigint NOT NULL,
    score double precision NOT NULL,
    language text,
    allowed boolean NOT NULL,
    trendable boolean,                             -- what somebody has decided of this post
    PRIMARY KEY (account_id, status_id)
);

-- What the staff have decided; null: nothing yet.

ALTER TABLE tags ADD COLUMN trendable boolean;
ALTER TABLE accounts ADD COLUMN trendable boolean;
CREATE TABLE publishers (
    domain text PRIMARY KEY,
    id bigint NOT NULL UNIQUE,
    trendable boolean,
    reviewed_at timestamptz,
    requested_review_at timestamptz NOT NULL DEFAULT now()
);

-- The week that has been, once.

INSERT INTO trend_days (kind, key, day, uses, accounts)
SELECT 'tag', tag, (status_id >> 21) / 86400000, count(*), count(DISTINCT account_id) FROM status_tags
WHERE status_id >= ((extract(epoch FROM now())::bigint / 86400 - 6) * 86400000) << 21 GROUP BY 1, 2, 3;
INSERT INTO trend_uses (kind, key, day, account_id, last_id)
SELECT 'tag', tag, (status_id >> 21) / 86400000, account_id, max(status_id) FROM status_tags
WHERE status_id >= ((extract(epoch FROM now())::bigint / 86400 - 1) * 86400000) << 21 GROUP BY 1, 2, 3, 4;
