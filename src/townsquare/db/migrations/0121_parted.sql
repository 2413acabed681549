-- What a reviewer has found to be unlike the rest of its case is an outlier that arriving things do not make one of many.

ALTER TABLE case_items ADD COLUMN parted boolean NOT NULL DEFAULT false;  -- a reviewer has said so
