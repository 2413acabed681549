-- What those who run the place chose on its pages. A file, the environment or the command line go before it.
CREATE TABLE own_settings (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- How the place was, every few minutes; kept finely for two days and by the day after that.
CREATE TABLE place_figures (
    at timestamptz NOT NULL,
    name text NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (name, at)
);
