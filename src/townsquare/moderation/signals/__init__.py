"""Signals: what programs that screen say of posts and people. They say; people decide."""
