"""Notices from outside: by form, mail or program, acknowledged at once, decided as cases, and answered."""
