"""Ids, errors, settings and text: the ground floor, which imports nothing of ours."""
