from typing import Any

class SyncState:
    @staticmethod
    def from_node(version: int, value: dict[str, Any]) -> SyncState: ...
