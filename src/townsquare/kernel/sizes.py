"""How much something takes, as people write it."""

from typing import Final

UNITS: Final = ("bytes", "KB", "MB", "GB", "TB", "PB")
_STEP: Final = 1024


def human_size(size: int) -> str:
    """Bytes as people write them: `46.2 GB`."""
    amount, unit = float(size), 0
    while amount >= _STEP and unit < len(UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{size} {UNITS[0]}" if unit == 0 else f"{amount:.3g} {UNITS[unit]}"
