"""Verdicts that writing and reading ask for: rate limits now, holds and filters of the place later."""
