-- One thing of what was decided is given back: the statement that named it among others ends for that one. It is an open
-- case of its own then, and a hold of the case that it was taken out of goes on to hold it, too.

ALTER TABLE statement_items ADD COLUMN undone_at timestamptz;

CREATE OR REPLACE FUNCTION under_hold(owner bigint, item bigint) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM legal_holds h
    WHERE h.lifted_at IS NULL AND (h.until IS NULL OR h.until > now()) AND (
        (h.kind = 'account' AND h.owner_id = owner)
        OR (h.kind = 'status' AND h.owner_id = owner AND h.item_id = item)
        OR (h.kind = 'case' AND EXISTS (
            SELECT FROM case_items i
            WHERE i.owner_id = owner AND (i.item_id = item OR i.kind = 'account') AND i.case_id IN (
                SELECT h.item_id UNION ALL SELECT c.id FROM cases c WHERE c.prior_id = h.item_id AND c.origin = 'outlier')))));
CREATE OR REPLACE FUNCTION case_under_hold(number bigint) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (
        SELECT FROM legal_holds h WHERE h.kind = 'case' AND h.lifted_at IS NULL AND (h.until IS NULL OR h.until > now())
            AND h.item_id IN (SELECT number UNION ALL SELECT c.prior_id FROM cases c WHERE c.id = number AND c.origin = 'outlier'))
    OR EXISTS (SELECT FROM case_items i WHERE i.case_id = number AND under_hold(i.owner_id, i.item_id));
