"""What all tests share."""

pytest_plugins = ["tests.support.database", "tests.support.square"]
