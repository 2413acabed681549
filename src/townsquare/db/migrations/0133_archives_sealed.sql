-- Archives of people's own lie sealed in the store (media/sealed.py). Those that lie there as they are go with the next
-- sweep, and can be asked for again at once.

UPDATE copies SET asked_at = asked_at - interval '8 days', ready_at = NULL, bytes = NULL;
