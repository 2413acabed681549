from collections.abc import Callable
from typing import Any

class AbstractEtcd:
    get_etcd_client: Callable[[Any, dict[str, Any], type], Any]
