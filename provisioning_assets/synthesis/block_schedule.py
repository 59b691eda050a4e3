"""Which blocks can be generated now: those of families whose references are complete; numbers come last."""

from collections import deque

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.synthesis.generation import BlockTask, Step
from provisioning_assets.synthesis.numbering import numbered_tables
from provisioning_assets.synthesis.populations import block_count

Batch = tuple[Step, str]
"""The tasks of one step of a family, or of a numbered table."""


class BlockSchedule:
    """The tasks of a model, ordered so that everything a task reads is complete before it starts."""

    def __init__(self, lineage: Lineage, staging: str) -> None:
        self._tasks: dict[Batch, list[BlockTask]] = {}
        self._waits_for: dict[Batch, set[Batch]] = {}
        for root in lineage.family_order:
            blocks = range(block_count(lineage, root))
            self._tasks["rows", root] = [BlockTask(staging, root, number) for number in blocks]
            self._waits_for["rows", root] = {("rows", lineage.root(table)) for table in lineage.uses(root)}
        for table, parts in numbered_tables(lineage).items():
            families = dict.fromkeys(lineage.root(part) for part in parts)
            self._tasks["order", table] = [BlockTask(staging, table, 0, "order")]
            self._waits_for["order", table] = {("rows", root) for root in families}
            for root in families:
                blocks = range(block_count(lineage, root))
                self._tasks["numbers", root] = [BlockTask(staging, root, number, "numbers") for number in blocks]
                self._waits_for.setdefault(("numbers", root), set()).add(("order", table))
        self._unfinished = {batch: len(tasks) for batch, tasks in self._tasks.items()}
        self._ready: deque[BlockTask] = deque()
        self._admit()

    @property
    def ready(self) -> int:
        """How many tasks can be done now."""
        return len(self._ready)

    def next(self) -> BlockTask | None:
        """A task that can be done now, each once; None while all other tasks wait for unfinished ones."""
        return self._ready.popleft() if self._ready else None

    def last(self) -> BlockTask | None:
        """Like ``next``, but from the other end: the last block of a family is usually not full."""
        return self._ready.pop() if self._ready else None

    def finished(self, task: BlockTask) -> None:
        """Mark a task as complete; those that waited for its batch may be ready now."""
        batch: Batch = (task.step, task.family)
        self._unfinished[batch] -= 1
        if self._unfinished[batch] == 0:
            for needed in self._waits_for.values():
                needed.discard(batch)
            self._admit()

    def _admit(self) -> None:
        for batch in [batch for batch, needed in self._waits_for.items() if not needed]:
            del self._waits_for[batch]
            self._ready.extend(self._tasks[batch])
