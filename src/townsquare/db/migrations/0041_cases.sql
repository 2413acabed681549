-- Cases: what reports are gathered into, in which order they are looked at, and what was decided of them, by whom.
--
-- These rows belong to the place itself, as reports do (0020): they outlast what they are about. What a case is about is
-- named everywhere by the same three: its kind, its owner (an account; 0 for a hashtag) and its id within the owner.

CREATE TABLE policies (                            -- what a decision is grounded in
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{1,39}$'),
    name text NOT NULL,
    text text NOT NULL,                            -- as authors are told it
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),  -- 1 is the worst
    allowed interval NOT NULL CHECK (allowed > interval '0'),     -- from the first report to the decision
    dsa_category text NOT NULL,                    -- of the European transparency database, as are the next two
    dsa_keyword text,
    decision_ground text NOT NULL CHECK (decision_ground IN (
        'DECISION_GROUND_ILLEGAL_CONTENT', 'DECISION_GROUND_INCOMPATIBLE_CONTENT')),
    queue text NOT NULL DEFAULT 'general' CHECK (queue IN ('general', 'senior', 'policy', 'legal', 'private')),
    second_review boolean NOT NULL DEFAULT true,   -- what is heavy takes effect when two have said so
    hold_meanwhile boolean NOT NULL DEFAULT true,  -- and is shown to nobody until then
    joins_from real CHECK (joins_from BETWEEN 0 AND 1),  -- what comes later and is so alike is decided the same way; null: never
    acts_from real CHECK (acts_from BETWEEN 0 AND 1),    -- a machine that is so sure acts alone; null: never
    preserve interval,                             -- for so long evidence is kept by law
    position integer NOT NULL,
    ended_at timestamptz,                          -- not decided by any more
    updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO policies (code, name, text, severity, allowed, dsa_category, dsa_keyword, decision_ground, queue, joins_from, preserve, position) VALUES
('violent-threat', 'Threats of violence', 'You may not threaten anybody with violence, call for it, or celebrate it.',
    1, '1 hour', 'STATEMENT_CATEGORY_VIOLENCE', 'KEYWORD_INCITEMENT_VIOLENCE_HATRED', 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.9, NULL, 1),
('terrorism', 'Terrorism', 'You may not post what terrorist groups make, praise what they do, or recruit for them.',
    1, '1 hour', 'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY', 'KEYWORD_TERRORIST_CONTENT', 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.9, '6 months', 2),
('child-safety', 'Safety of children', 'You may not sexualise, abuse or endanger children, or share what does.',
    1, '1 hour', 'STATEMENT_CATEGORY_PROTECTION_OF_MINORS', 'KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL', 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.9, '1 year', 3),
('intimate-image', 'Intimate pictures', 'You may not share intimate pictures of somebody who has not agreed to it, real or made.',
    1, '24 hours', 'STATEMENT_CATEGORY_CYBER_VIOLENCE', 'KEYWORD_NON_CONSENSUAL_IMAGE_SHARING', 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.9, NULL, 4),
('self-harm', 'Self-harm', 'You may not encourage people to harm themselves, or show them how.',
    2, '4 hours', 'STATEMENT_CATEGORY_SELF_HARM', 'KEYWORD_SUICIDE', 'DECISION_GROUND_INCOMPATIBLE_CONTENT', 'general', NULL, NULL, 5),
('hate', 'Hate', 'You may not attack people for what they are: origin, religion, sex, disability, whom they love.',
    2, '24 hours', 'STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH', 'KEYWORD_HATE_SPEECH', 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.9, NULL, 6),
('harassment', 'Harassment', 'You may not pursue, insult or shame somebody, or send others after them.',
    2, '24 hours', 'STATEMENT_CATEGORY_CYBER_VIOLENCE', 'KEYWORD_CYBER_HARASSMENT', 'DECISION_GROUND_INCOMPATIBLE_CONTENT', 'general', 0.9, NULL, 7),
('private-data', 'Private data', 'You may not publish where somebody lives, how they are reached, or who they are against their will.',
    2, '24 hours', 'STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS', NULL, 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.9, NULL, 8),
('fraud', 'Fraud', 'You may not deceive people for their money, their data or their account.',
    2, '24 hours', 'STATEMENT_CATEGORY_SCAMS_AND_FRAUD', 'KEYWORD_PHISHING', 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', 0.85, NULL, 9),
('illegal', 'Against the law', 'You may not post what the law forbids.',
    2, '24 hours', 'STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE', NULL, 'DECISION_GROUND_ILLEGAL_CONTENT', 'general', NULL, NULL, 10),
('impersonation', 'Impersonation', 'You may not pass yourself off as somebody else.',
    3, '72 hours', 'STATEMENT_CATEGORY_SCAMS_AND_FRAUD', 'KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING', 'DECISION_GROUND_INCOMPATIBLE_CONTENT', 'general', NULL, NULL, 11),
('copyright', 'Copyright', 'You may not post what belongs to others without their leave.',
    3, '72 hours', 'STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS', 'KEYWORD_COPYRIGHT_INFRINGEMENT', 'DECISION_GROUND_ILLEGAL_CONTENT', 'legal', NULL, NULL, 12),
('graphic', 'Graphic and adult pictures', 'You may not show nudity or gore without marking it as sensitive.',
    3, '72 hours', 'STATEMENT_CATEGORY_OTHER_VIOLATION_TC', 'KEYWORD_ADULT_SEXUAL_MATERIAL', 'DECISION_GROUND_INCOMPATIBLE_CONTENT', 'general', NULL, NULL, 13),
('spam', 'Spam', 'You may not post the same thing again and again, or advertise where nobody asked for it.',
    4, '7 days', 'STATEMENT_CATEGORY_OTHER_VIOLATION_TC', 'KEYWORD_OTHER', 'DECISION_GROUND_INCOMPATIBLE_CONTENT', 'general', 0.85, NULL, 14),
('other', 'Another rule of this place', 'You may not break the rules that this place has given itself.',
    4, '7 days', 'STATEMENT_CATEGORY_OTHER_VIOLATION_TC', 'KEYWORD_OTHER', 'DECISION_GROUND_INCOMPATIBLE_CONTENT', 'general', NULL, NULL, 15);
UPDATE policies SET second_review = false, hold_meanwhile = false WHERE code IN ('graphic');

CREATE TABLE policy_rules (                        -- which policy a rule of the place is a case of
    rule_id bigint PRIMARY KEY REFERENCES rules ON DELETE CASCADE,
    policy text NOT NULL REFERENCES policies
);

CREATE TABLE desk_members (                        -- who of the staff does what at the desk; who is not in it does as their role says
    account_id bigint PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('moderator', 'senior', 'policy', 'legal', 'admin')),
    pulled bigint NOT NULL DEFAULT 0,              -- cases they took from the queue
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cases (
    id bigint PRIMARY KEY,
    origin text NOT NULL CHECK (origin IN ('report', 'notice', 'machine', 'staff', 'outlier', 'appeal')),
    purpose text NOT NULL DEFAULT 'work' CHECK (purpose IN ('work', 'golden', 'double')),  -- the last two have no effect: they measure
    queue text NOT NULL DEFAULT 'general' CHECK (queue IN ('general', 'senior', 'policy', 'legal', 'private')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided')),
    -- what it is taken to be, from its reports and estimates, until it is decided
    policy text NOT NULL DEFAULT 'other' REFERENCES policies,
    severity smallint NOT NULL DEFAULT 4 CHECK (severity BETWEEN 1 AND 4),
    allowed interval NOT NULL DEFAULT '7 days',
    reach double precision NOT NULL DEFAULT 0,     -- how many are likely to see it still, by estimate
    trust double precision NOT NULL DEFAULT 0.5 CHECK (trust BETWEEN 0 AND 1),  -- how likely it is that something is wrong with it
    voices double precision NOT NULL DEFAULT 0,    -- how many who do not act together its reporters amount to
    estimate real NOT NULL DEFAULT 0 CHECK (estimate BETWEEN 0 AND 1),  -- how sure the surest machine is of severity 1 or 2
    opened_at timestamptz NOT NULL,                -- when the first report came
    due_at timestamptz NOT NULL,                   -- by when it is to be decided
    fixed_due_at timestamptz,                      -- by when somebody else wants it decided: a host, an authority
    items_count integer NOT NULL DEFAULT 0,
    reports_count integer NOT NULL DEFAULT 0,
    -- how far it is
    round smallint NOT NULL DEFAULT 1,             -- one more each time that it was undone
    stage smallint NOT NULL DEFAULT 1 CHECK (stage BETWEEN 1 AND 3),  -- which pair of eyes it waits for
    held_at timestamptz,                           -- its items are shown to nobody until it is decided
    assigned_id bigint,
    locked_id bigint,                              -- who has it before them
    locked_until timestamptz,
    snoozed_until timestamptz,
    -- what it comes from
    prior_id bigint REFERENCES cases,              -- the case that was decided before: an appeal against it, an outlier of it, much like it
    doubles_id bigint REFERENCES cases,            -- the case that it puts to somebody else, who does not know
    expected jsonb,                                -- of a golden one: {policy, action}, which the reviewer does not see
    -- what was decided
    decided_at timestamptz,
    action text,
    account_action text,
    updated_at timestamptz NOT NULL,
    CHECK ((state = 'decided') = (decided_at IS NOT NULL)),
    CHECK ((purpose = 'double') = (doubles_id IS NOT NULL)),
    CHECK ((purpose = 'golden') = (expected IS NOT NULL)),
    CHECK (origin <> 'appeal' OR prior_id IS NOT NULL)
) WITH (fillfactor = 75);
CREATE INDEX cases_open ON cases (queue, severity, due_at) WHERE state = 'open';
CREATE INDEX cases_due ON cases (due_at) WHERE state = 'open';
CREATE INDEX cases_assigned ON cases (assigned_id) WHERE state = 'open' AND assigned_id IS NOT NULL;
CREATE INDEX cases_locked ON cases (locked_id) WHERE state = 'open' AND locked_id IS NOT NULL;
CREATE INDEX cases_decided ON cases (decided_at) WHERE state = 'decided';
CREATE INDEX cases_prior ON cases (prior_id) WHERE prior_id IS NOT NULL;
CREATE INDEX cases_doubles ON cases (doubles_id) WHERE doubles_id IS NOT NULL;

CREATE TABLE case_items (
    case_id bigint NOT NULL REFERENCES cases ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('account', 'status', 'media', 'tag', 'collection', 'message')),
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,
    author_id bigint NOT NULL,                     -- who made it, whoever it is kept with
    text text NOT NULL DEFAULT '',                 -- as it was when it came in
    digest bytea,                                  -- SHA-256 of that text when it is brought to the form in which texts are compared
    similarity real NOT NULL DEFAULT 1,            -- to what the case began with
    outlier boolean NOT NULL DEFAULT false,        -- like it, but not so much that it is decided with it
    reach double precision NOT NULL DEFAULT 0,
    joined_at timestamptz NOT NULL,
    open boolean NOT NULL DEFAULT true,            -- waits for a decision of this case
    action text,                                   -- what was decided of it
    applied_at timestamptz,                        -- when that took effect
    PRIMARY KEY (case_id, kind, owner_id, item_id)
);
CREATE UNIQUE INDEX case_items_open ON case_items (kind, owner_id, item_id) WHERE open;  -- one open case each
CREATE INDEX case_items_item ON case_items (kind, owner_id, item_id, case_id);
CREATE INDEX case_items_author ON case_items (author_id, case_id);

CREATE TABLE case_reports (                        -- what each report says of each thing that it names
    case_id bigint NOT NULL REFERENCES cases ON DELETE CASCADE,
    report_id bigint NOT NULL,
    kind text NOT NULL,
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,
    reporter_id bigint NOT NULL,                   -- 0: somebody without an account here
    policy text NOT NULL REFERENCES policies,      -- what it is said to be
    filed_at timestamptz NOT NULL,
    upheld boolean,                                -- null until it is decided
    PRIMARY KEY (report_id, kind, owner_id, item_id)
);
CREATE INDEX case_reports_case ON case_reports (case_id, reporter_id);
CREATE INDEX case_reports_reporter ON case_reports (reporter_id, case_id) WHERE reporter_id <> 0;

CREATE TABLE reporters (                           -- how often somebody's reports were right
    account_id bigint PRIMARY KEY,
    decided integer NOT NULL DEFAULT 0,
    upheld integer NOT NULL DEFAULT 0 CHECK (upheld BETWEEN 0 AND decided),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reporters_changed ON reporters (changed_at);

CREATE TABLE case_prints (                         -- by what later items are recognised as like those of a case
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases ON DELETE CASCADE,
    medium text NOT NULL CHECK (medium IN ('text', 'image')),
    scheme smallint NOT NULL,                      -- how it was made: prints of two schemes are not compared
    signature bytea NOT NULL,
    bands bigint[] NOT NULL,                       -- two that are alike have one of these in common
    lead boolean NOT NULL,                         -- of what the case began with
    made_at timestamptz NOT NULL
);
CREATE INDEX case_prints_bands ON case_prints USING gin (bands);
CREATE INDEX case_prints_case ON case_prints (case_id);

CREATE TABLE estimates (                           -- what machines think of something: they say, people decide
    kind text NOT NULL,
    owner_id bigint NOT NULL,
    item_id bigint NOT NULL,
    policy text NOT NULL REFERENCES policies,
    source text NOT NULL,                          -- with its version: `classifier:3`, `rule:17`, `hash:list`
    score real NOT NULL CHECK (score BETWEEN 0 AND 1),
    made_at timestamptz NOT NULL,
    PRIMARY KEY (kind, owner_id, item_id, policy, source)
);

CREATE TABLE case_decisions (                      -- what each reviewer said; only added to
    id bigint PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    round smallint NOT NULL,
    stage smallint NOT NULL CHECK (stage BETWEEN 1 AND 3),
    reviewer_id bigint NOT NULL,                   -- 0: the place, as a policy of it says
    policy text NOT NULL REFERENCES policies,
    action text NOT NULL CHECK (action IN (
        'none', 'label', 'warning', 'sensitive', 'limit', 'hold', 'remove')),
    account_action text NOT NULL DEFAULT 'none' CHECK (account_action IN (
        'none', 'warn', 'sensitive', 'limit', 'freeze', 'suspend')),
    until timestamptz,                             -- for how long; null: until it is taken back
    note text NOT NULL DEFAULT '',                 -- for the staff
    said text NOT NULL DEFAULT '',                 -- for the author
    seconds real NOT NULL DEFAULT 0 CHECK (seconds >= 0),
    made_at timestamptz NOT NULL,
    UNIQUE (case_id, round, reviewer_id),          -- the second pair of eyes is somebody else's
    UNIQUE (case_id, round, stage)
);
CREATE INDEX case_decisions_reviewer ON case_decisions (reviewer_id, made_at);

CREATE TABLE case_undos (                          -- a decision that was taken back
    case_id bigint NOT NULL REFERENCES cases,
    round smallint NOT NULL,
    actor_id bigint NOT NULL,
    reason text NOT NULL DEFAULT '',
    made_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, round)
);

CREATE TABLE case_notes (                          -- what the staff tell each other about a case, as when it is handed over
    case_id bigint NOT NULL REFERENCES cases ON DELETE CASCADE,
    id bigint NOT NULL,
    actor_id bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (case_id, id)
);

-- Whoever decided something does not decide the appeal against it.
CREATE FUNCTION case_decisions_other_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviewer_id <> 0 AND EXISTS (
        SELECT FROM cases c, case_decisions d
        WHERE c.id = NEW.case_id AND d.case_id = coalesce(c.doubles_id, CASE c.origin WHEN 'appeal' THEN c.prior_id END)
            AND d.reviewer_id = NEW.reviewer_id
    ) THEN
        RAISE EXCEPTION 'this case is for somebody who has not decided it before' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER case_decisions_other_eyes BEFORE INSERT ON case_decisions
FOR EACH ROW EXECUTE FUNCTION case_decisions_other_eyes();

CREATE FUNCTION case_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was decided is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER case_decisions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON case_decisions EXECUTE FUNCTION case_history_stays();
CREATE TRIGGER case_undos_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON case_undos EXECUTE FUNCTION case_history_stays();

ALTER TABLE report_items DROP CONSTRAINT report_items_kind_check;
ALTER TABLE report_items ADD CONSTRAINT report_items_kind_check CHECK (kind IN (
    'account', 'status', 'media', 'tag', 'collection', 'message'));
