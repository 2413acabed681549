from typing import Any

class Config:
    def _validate_and_adjust_timeouts(self, config: dict[str, Any]) -> None: ...
