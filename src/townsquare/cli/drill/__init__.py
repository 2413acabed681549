"""`townsquare drill`: loses a host on purpose, and counts what is missing afterwards."""
