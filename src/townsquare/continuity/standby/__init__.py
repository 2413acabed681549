"""A second host that follows this one and can take its place: invited, joined, promoted, moved to."""
