-- The jury: people of the place who are drawn by lot to look at what somebody appeals about, where the place wants that
-- (`moderation.jury`). It advises; somebody of the staff who has not decided before says what is done.

CREATE TABLE jurors (                              -- who is ready to be drawn
    account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    ready_at timestamptz NOT NULL
);

CREATE TABLE juries (
    case_id bigint PRIMARY KEY REFERENCES cases,   -- of the appeal
    seed bytea NOT NULL,                           -- by which it was drawn: whoever has it and the pool draws the same
    pool bigint[] NOT NULL,                        -- who could have been drawn
    drawn_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    closed_at timestamptz,
    stands integer NOT NULL DEFAULT 0,             -- votes, counted when it is closed
    lifted integer NOT NULL DEFAULT 0,
    verdict text CHECK (verdict IN ('stands', 'lifted', 'none')),  -- none: too few voted, or as many for as against
    CHECK ((closed_at IS NULL) = (verdict IS NULL))
);
CREATE INDEX juries_due ON juries (due_at) WHERE closed_at IS NULL;

CREATE TABLE jury_seats (
    case_id bigint NOT NULL REFERENCES juries,
    account_id bigint NOT NULL,
    seen_at timestamptz,                           -- when they were first shown what it is about
    answered_at timestamptz,
    answer text CHECK (answer IN ('stands', 'lifted', 'declined')),
    PRIMARY KEY (case_id, account_id),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX jury_seats_account ON jury_seats (account_id, case_id);

CREATE FUNCTION jury_answers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.answer IS NOT NULL AND NEW.answer IS DISTINCT FROM OLD.answer
        OR NEW.answer IS DISTINCT FROM OLD.answer
        AND EXISTS (SELECT FROM juries j WHERE j.case_id = OLD.case_id AND j.closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'what a juror has said stays as it was' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER jury_answers_stay BEFORE UPDATE OR DELETE ON jury_seats FOR EACH ROW EXECUTE FUNCTION jury_answers_stay();
