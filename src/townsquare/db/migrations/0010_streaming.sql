-- What happened in the last minutes, in the order in which it was written down, for those who watch: each process that has
-- streams open reads on from where it is, and who was away for a moment gets what they missed. The order is that of
-- commits, because whoever writes holds a lock until then. Like the queue it belongs to the place, and is nearly empty.

CREATE TABLE stream_facts (
    id bigint PRIMARY KEY,                         -- made of the time, as other ids, and always larger than the one before
    once text NOT NULL UNIQUE,                     -- what tells it from others: work that runs twice writes it once
    fact bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);

-- Until when facts are written down: processes with open streams put it off. Where nobody watches, nothing is written.
CREATE TABLE stream_watch (
    until timestamptz NOT NULL
);
INSERT INTO stream_watch VALUES ('-infinity');
