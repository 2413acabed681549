-- Whoever reports something is told whether people looked at it (Regulation 2022/2065, article 16 (6)).

ALTER TABLE outcomes
    ADD COLUMN unseen boolean NOT NULL DEFAULT false,      -- something of it came after the decision, and nobody looked at that
    ADD COLUMN by_machine boolean NOT NULL DEFAULT false;  -- a machine said that something is wrong with it
