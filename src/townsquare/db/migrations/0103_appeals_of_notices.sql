-- Whoever gives notice without an account can contest what was decided of it, too (Regulation 2022/2065, article 20).

ALTER TABLE appeals
    ADD COLUMN notice_id bigint REFERENCES notices,  -- of the side `notice`, which has no account (0)
    DROP CONSTRAINT appeals_side_check,
    ADD CONSTRAINT appeals_side_check CHECK (side IN ('author', 'reporter', 'notice')),
    ADD CHECK ((side = 'notice') = (notice_id IS NOT NULL)),
    ADD CHECK ((side = 'notice') = (account_id = 0)),
    DROP CONSTRAINT appeals_account_id_prior_id_round_key,
    ADD CONSTRAINT appeals_once UNIQUE NULLS NOT DISTINCT (prior_id, round, account_id, notice_id);
