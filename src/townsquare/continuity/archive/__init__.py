"""The archive: everything of the place, continuously, encrypted, somewhere else; and back again."""
