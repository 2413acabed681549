from typing import Any

from patroni.postgresql import Postgresql

class Bootstrap:
    _postgresql: Postgresql

    def __init__(self, postgresql: Postgresql) -> None: ...
    def clone(self, *given: Any) -> bool: ...
