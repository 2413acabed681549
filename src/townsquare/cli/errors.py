"""What goes wrong at the command line."""


class CommandError(Exception):
    """What the person at the terminal must know: a sentence that says what is wrong and what to do."""
