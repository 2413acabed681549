from typing import Any

from patroni.postgresql import Postgresql

class Rewind:
    _postgresql: Postgresql

    def __init__(self, postgresql: Postgresql) -> None: ...
    def pg_rewind(self, conn_kwargs: dict[str, Any]) -> bool: ...
