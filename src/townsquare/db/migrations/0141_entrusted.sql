-- What nobody of the staff may decide, the operator entrusts one of them with, whatever their rank.

ALTER TABLE cases ADD COLUMN entrusted_id bigint;

-- An appeal against what was decided at the terminal (0) is for somebody else, too; or it is decided as a jury has said.
-- Whoever was overruled by an appeal decides nothing more of that, also where it has become a case of its own since.
CREATE OR REPLACE FUNCTION case_decisions_other_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM cases c, case_decisions d
        WHERE c.id = NEW.case_id AND d.reviewer_id = NEW.reviewer_id AND (
            d.case_id = coalesce(c.doubles_id, CASE c.origin WHEN 'appeal' THEN c.prior_id END)
            OR d.case_id = c.id AND EXISTS (SELECT FROM appeals a WHERE a.prior_id = c.id AND a.granted)
            OR c.origin = 'outlier' AND d.case_id = c.prior_id AND EXISTS (
                SELECT FROM appeals a JOIN case_items i ON i.case_id = c.id AND i.author_id = a.account_id
                WHERE a.prior_id = c.prior_id AND a.granted AND a.side = 'author'))
    ) AND NOT (NEW.reviewer_id = 0 AND EXISTS (
        SELECT FROM juries j WHERE j.case_id = NEW.case_id AND j.verdict IN ('stands', 'lifted'))
    ) THEN
        RAISE EXCEPTION 'this case is for somebody who has not decided it before' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
