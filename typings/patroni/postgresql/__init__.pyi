from typing import Any

class Postgresql:
    data_dir: str

    def stop(self, *given: Any, **others: Any) -> bool: ...
    def remove_data_directory(self) -> None: ...
