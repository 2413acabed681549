"""Pictures that people send: checked, re-encoded without metadata, stored, and shown."""
