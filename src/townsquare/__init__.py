"""Townsquare: a microblogging service that speaks Mastodon's client API."""

__version__ = "0.1.0"
