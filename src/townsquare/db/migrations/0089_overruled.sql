-- Where an appeal was granted, those who had decided what it contested decide nothing more of it, in no later round.

CREATE INDEX appeals_prior ON appeals (prior_id) WHERE granted;

CREATE OR REPLACE FUNCTION case_decisions_other_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviewer_id <> 0 AND EXISTS (
        SELECT FROM cases c, case_decisions d
        WHERE c.id = NEW.case_id AND d.reviewer_id = NEW.reviewer_id AND (
            d.case_id = coalesce(c.doubles_id, CASE c.origin WHEN 'appeal' THEN c.prior_id END)
            OR d.case_id = c.id AND EXISTS (SELECT FROM appeals a WHERE a.prior_id = c.id AND a.granted))
    ) THEN
        RAISE EXCEPTION 'this case is for somebody who has not decided it before' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
