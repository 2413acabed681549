-- Figures for the staff: echoes by their time, as favourites are found by theirs.

CREATE INDEX reblogs_when ON reblogs USING brin (reblog_id);
