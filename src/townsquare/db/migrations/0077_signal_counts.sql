-- How often a program has spoken stands with it: to count what it said would read all of it for each look at a page.

ALTER TABLE machines ADD COLUMN signals bigint NOT NULL DEFAULT 0;
UPDATE machines m SET signals = (SELECT count(*) FROM estimates e WHERE e.source = m.source);
