"""Keeping order: reports, decisions and what they do, what the whole place blocks, figures, and the audit log."""
