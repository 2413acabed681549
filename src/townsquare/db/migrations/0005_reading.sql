-- Reading: what takes a deleted post out of everybody's notifications.

CREATE INDEX notifications_status ON notifications (status_id) WHERE status_id IS NOT NULL;
