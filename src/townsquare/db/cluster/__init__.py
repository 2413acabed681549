"""One PostgreSQL in a data folder: its programs, user, configuration, socket and main process (see db.launcher)."""
