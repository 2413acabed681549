-- Whether it is proven that a notice comes from whom it says it does: by a key, or by mail of an address that the place
-- names and that a mail server of its own has found to be authentic. A form proves nothing.

ALTER TABLE notices ADD COLUMN proven boolean NOT NULL DEFAULT false;
UPDATE notices SET proven = true WHERE way = 'api';
