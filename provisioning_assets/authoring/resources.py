"""The means by which planning tries what a stranger wrote, as a Dagster resource."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from provisioning_assets.planning.resources import PlanGates
from provisioning_assets.planning.trial import Measure, Trial
from provisioning_assets.worker_processes import end_now

TRIAL_SECONDS = 300.0
"""For one trial. Those of the project's blueprints take 5 to 20 seconds on two cores."""


class MeasuredGates(PlanGates):
    """Makes trials in a process of its own, which is ended if one takes too long: a stranger may write what never ends."""

    trial_seconds: float = TRIAL_SECONDS

    @contextlib.contextmanager
    def open(self) -> Iterator[Measure]:
        """Return what measures trials while the block runs."""
        with contextlib.ExitStack() as open_now:
            trials = _Trials(self.trial_seconds)
            open_now.callback(trials.close)
            yield trials


class _Trials:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None

    def __call__(self, trial: Trial) -> list[str]:
        from provisioning_assets.authoring.plan_trial import begin, faults_of

        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=begin)
        try:
            return self._pool.submit(faults_of, trial).result(timeout=self._seconds)
        except TimeoutError:
            self.close()
            return [
                f"To generate and measure it took longer than {self._seconds:g} seconds. Generate and ask for less."
            ]
        except BrokenProcessPool:
            self.close()
            return ["The process that generated it was killed; most often there is too little memory. Generate less."]

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._pool is not None:
            end_now(self._pool)
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
