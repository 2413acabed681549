"""Posts: writing, editing, deleting, reacting, threads, and who may see what."""
