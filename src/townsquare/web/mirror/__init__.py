"""The pages of the mirror: the same templates, in a dress in which one only reads (see continuity.mirror)."""
