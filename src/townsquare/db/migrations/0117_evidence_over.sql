-- What is kept of reports, notices and signals whose time is over. It is let go when nothing of it is under a hold any
-- more; and its files are deleted after that is written, so that an end between the two loses none that is still kept.

CREATE TABLE evidence_over (
    source_id bigint PRIMARY KEY,                  -- the report, the notice or the signal
    let_go_at timestamptz                          -- when its rows were; its files are still to be deleted
);
