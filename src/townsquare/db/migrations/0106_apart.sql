-- What somebody appeals against waits beside whatever else is said of the same thing, so that a report keeps nobody from
-- appealing; as what is decided by hand does.

ALTER TABLE case_items RENAME COLUMN by_hand TO apart;
