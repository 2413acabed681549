-- Which host led the place from when on. A term begins with each promotion; what says so goes the way of all data, so
-- that a copy of any age knows of what past it is.

CREATE TABLE terms (
    term bigint PRIMARY KEY,
    host text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now()
);
