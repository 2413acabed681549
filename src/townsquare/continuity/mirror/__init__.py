"""The mirror: all that is public here as files for any static host, signed, and kept up to date."""
