"""A place that is told to move to another domain, and moves."""
