"""How Hypothesis draws: always the same in the suite that gates a landing, afresh when one explores (``make explore``)."""

import gc

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

GATE, EXPLORE = "gate", "explore"
USUAL_EXAMPLES = 100
"""Of a property in the gate that says nothing else: Hypothesis' own number."""
TIMES_WHEN_EXPLORING = 10


def register_profiles() -> None:
    """Make both profiles known and load the gate's; ``--hypothesis-profile`` replaces it.

    Neither has a deadline and neither minds slow drawing: how busy the machine is does not decide about a test. A failure
    is printed with its example and with the ``@reproduce_failure`` line that repeats it.
    """
    common = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile(GATE, common, derandomize=True, database=None, max_examples=USUAL_EXAMPLES)
    # Failures that were found stay in .hypothesis/, and the next exploration begins with them.
    settings.register_profile(EXPLORE, common, derandomize=False, max_examples=USUAL_EXAMPLES * TIMES_WHEN_EXPLORING)
    settings.load_profile(GATE)


def examples(in_the_gate: int) -> int:
    """Number of examples of a costly property: ``in_the_gate`` there, and so many times more when exploring."""
    return in_the_gate * settings().max_examples // USUAL_EXAMPLES


def draw_no_constants_of_the_code() -> None:
    """Keep Hypothesis from drawing constants that it finds in the modules imported so far.

    Which those are depends on the tests that ran before in the same process. There is no setting for it; that it works is
    tested (test_property_tests.py).
    """
    providers.is_local_module_file = _no_module_is_local  # pyright: ignore[reportPrivateImportUsage]


def _no_module_is_local(_path: str) -> bool:
    return False


def stop_timing_the_garbage_collector() -> None:
    """Take away what Hypothesis hangs into the garbage collector and leaves there.

    Through its module's loader, which is pytest's, it keeps alive every module of the tests until the interpreter is all but
    gone. DuckDB's binding then finds its types in use, and prints hundreds of "leaked instance" lines.
    """
    gc.callbacks[:] = [callback for callback in gc.callbacks if not callback.__module__.startswith("hypothesis.")]
