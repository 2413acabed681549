-- What the place blocks of servers, mail providers and addresses of mail can be for a while, as networks can.

ALTER TABLE place_domain_blocks ADD COLUMN expires_at timestamptz;
ALTER TABLE email_domain_blocks ADD COLUMN expires_at timestamptz;
ALTER TABLE canonical_email_blocks ADD COLUMN expires_at timestamptz;
