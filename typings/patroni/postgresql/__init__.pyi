from typing import Any

class Postgresql:
    def stop(self, *given: Any, **others: Any) -> bool: ...
