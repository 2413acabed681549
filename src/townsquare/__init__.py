"""Townsquare: a microblogging service that speaks Mastodon's client API."""
