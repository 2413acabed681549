"""Whole archives: what a person takes along, signed, and what they bring along from here and from elsewhere."""
