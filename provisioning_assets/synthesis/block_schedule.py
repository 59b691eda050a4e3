"""Which blocks can be generated now: those of families whose references are complete."""

from collections import deque

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.synthesis.generation import BlockTask
from provisioning_assets.synthesis.populations import block_count


class BlockSchedule:
    """The blocks of a model, ordered so that everything a block reads is complete before the block starts."""

    def __init__(self, lineage: Lineage, staging: str) -> None:
        self._tasks = {
            root: [BlockTask(staging, root, number) for number in range(block_count(lineage, root))]
            for root in lineage.family_order
        }
        self._waits_for = {root: {lineage.root(table) for table in lineage.uses(root)} for root in self._tasks}
        self._unfinished = {root: len(tasks) for root, tasks in self._tasks.items()}
        self._ready: deque[BlockTask] = deque()
        self._admit()

    @property
    def ready(self) -> int:
        """How many blocks can be generated now."""
        return len(self._ready)

    def next(self) -> BlockTask | None:
        """A block that can be generated now, each once; None while all other blocks wait for unfinished ones."""
        return self._ready.popleft() if self._ready else None

    def last(self) -> BlockTask | None:
        """Like ``next``, but from the other end: the last block of a family is usually not full."""
        return self._ready.pop() if self._ready else None

    def finished(self, task: BlockTask) -> None:
        """Mark a block as complete; the blocks that waited for its family may be ready now."""
        self._unfinished[task.family] -= 1
        if self._unfinished[task.family] == 0:
            for needed in self._waits_for.values():
                needed.discard(task.family)
            self._admit()

    def _admit(self) -> None:
        for root in [root for root, needed in self._waits_for.items() if not needed]:
            del self._waits_for[root]
            self._ready.extend(self._tasks[root])
