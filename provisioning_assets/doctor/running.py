"""Carries out checks at the same time. A check that fails, or does not end, becomes a finding and disturbs no other check."""

import time
from collections.abc import Sequence
from threading import Thread

from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.errors import ProvisioningError

_LONGEST_WORDS = 300  # characters of an error's own words


def run_checks(checks: Sequence[Check], seconds: float) -> list[Finding]:
    """Return the findings of all checks, in the order of the checks.

    Args:
        checks: independent of each other.
        seconds: after which a check that is still running is reported as not carried out.
    """
    results: dict[int, list[Finding]] = {}

    def carry_out(position: int) -> None:
        results[position] = _findings(checks[position])

    # Daemon threads: a check that hangs must not keep the process from ending.
    threads = [Thread(target=carry_out, args=(position,), daemon=True) for position in range(len(checks))]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [
        finding
        for position, check in enumerate(checks)
        for finding in results.get(position, [_unchecked(check, f"it did not end within {seconds:.0f} s", "")])
    ]


def first_line(error: Exception) -> str:
    """Return the type of an error and the first line of its text."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]}"[:_LONGEST_WORDS] if lines else type(error).__name__


def _findings(check: Check) -> list[Finding]:
    try:
        return check.examine()
    except ProvisioningError as error:
        return [_unchecked(check, error.problem, error.remedy)]
    except Exception as error:  # noqa: BLE001  # whatever it is: the other checks are worth reading
        return [_unchecked(check, first_line(error), "")]


def _unchecked(check: Check, problem: str, remedy: str) -> Finding:
    return Finding(check.what, State.WARNING, f"could not be checked: {problem}", check.why, remedy)
