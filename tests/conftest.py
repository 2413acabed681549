"""What all tests share."""

from hypothesis import settings

pytest_plugins = ["tests.support.database", "tests.support.order", "tests.support.square", "tests.support.mailing"]

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
