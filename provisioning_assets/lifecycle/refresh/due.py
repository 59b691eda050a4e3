"""Decides which demos are made again with the day's date."""

from collections.abc import Container, Iterable
from datetime import date, timedelta

from provisioning_assets.lifecycle.listing import Demo

RETRY_DAYS = 1
"""Days after which a demo that was made again only in part is made again as a whole."""


def next_refresh_on(demo: Demo, every_days: int) -> date | None:
    """Return the day from which a demo may be made again.

    Args:
        demo: as it is listed.
        every_days: age of the figures, in days, from which they are too old; 0: demos are never made again.

    Returns:
        the day; None if it is never made again: it was not finished once, its as-of date was given by the CE, or it expires
        before.
    """
    if not every_days or demo.ready is None or demo.keeps_its_date or demo.figures_of is None:
        return None
    if demo.withdrawn_on is not None:
        day = demo.withdrawn_on + timedelta(days=RETRY_DAYS)
    else:
        day = demo.figures_of + timedelta(days=every_days)
    return None if demo.expires_on and demo.expires_on <= day else day


def due_for_refresh(
    demos: Iterable[Demo], today: date, *, every_days: int, busy: Container[str], most: int
) -> list[Demo]:
    """Return the demos to make again now: those with the oldest figures, and after them those whose last refresh failed.

    Demos that fail day after day are last, so that they do not take the budget of the others.

    Args:
        demos: all demos.
        today: the present day.
        every_days: age of the figures, in days, from which they are too old; 0: demos are never made again.
        busy: keys of demos that are being made, or were asked for today.
        most: largest number of demos.
    """
    due = [
        demo
        for demo in demos
        if not demo.is_expired(today)
        and demo.key not in busy
        and (day := next_refresh_on(demo, every_days)) is not None
        and day <= today
    ]
    due.sort(key=lambda demo: (demo.withdrawn_on is not None, demo.figures_of, demo.key))
    return due[: max(most, 0)]
