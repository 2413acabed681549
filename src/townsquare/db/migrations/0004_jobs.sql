-- The queue of background work. A job is written in the transaction of what happened, and deleted in a transaction that
-- is open while it runs: what a worker that dies had taken is there again at once, for nothing was committed.
--
-- The table is nearly empty at all times and churns: its only index is the one that jobs are taken by, and vacuum comes
-- often.

CREATE TABLE jobs (
    queue text NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    payload text NOT NULL,
    effect text,
    tries smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, due_at, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1);

-- Jobs that were given up, for a person to look at.
CREATE TABLE failed_jobs (
    id bigint PRIMARY KEY,
    queue text NOT NULL,
    kind text NOT NULL,
    payload text NOT NULL,
    effect text,
    tries smallint NOT NULL,
    error text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now()
);
