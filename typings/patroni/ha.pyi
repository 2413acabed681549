from typing import Any

class Ha:
    cluster: Any

    def fetch_nodes_statuses(self, members: list[Any]) -> list[Any]: ...
