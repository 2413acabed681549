"""Measures a whole service under the load driver and writes RESULTS.md. `make bench` runs it; README.md tells how."""
