"""Long-running operations. On one machine, the work is complete when the call returns, so every operation is done."""

import threading
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from provisioning_assets.agent.local_server.api_errors import not_found
from provisioning_assets.agent.local_server.resource_names import PARENT, generated_id

_TYPES = "type.googleapis.com/google.cloud.geminidataanalytics.v1."
_EMPTY = {"@type": "type.googleapis.com/google.protobuf.Empty"}
_MOST = 1_000


class Operations:
    """The operations that this server finished recently. They are lost at a restart; their results can be read directly."""

    def __init__(self) -> None:
        self._finished: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def finished(self, verb: str, target: str, agent: dict[str, Any] | None) -> dict[str, Any]:
        """Record a finished operation. Its response is the agent, or empty for a deletion."""
        identifier = generated_id("operation")
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        operation = {
            "name": f"{PARENT}/operations/{identifier}",
            "metadata": {
                "@type": f"{_TYPES}OperationMetadata",
                "createTime": now,
                "endTime": now,
                "target": target,
                "verb": verb,
                "apiVersion": "v1",
            },
            "done": True,
            "response": {"@type": f"{_TYPES}DataAgent", **agent} if agent is not None else _EMPTY,
        }
        with self._lock:
            self._finished[identifier] = operation
            while len(self._finished) > _MOST:
                self._finished.popitem(last=False)
        return operation

    def get(self, identifier: str) -> dict[str, Any]:
        """Return the operation. Raises ApiError 404 if it is unknown."""
        with self._lock:
            operation = self._finished.get(identifier)
        if operation is None:
            raise not_found(f"There is no operation {PARENT}/operations/{identifier[:100]}.")
        return operation
