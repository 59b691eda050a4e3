"""What time it is. Everything that compares dates asks here, so that a test can let weeks pass."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(tz=UTC)


def today() -> date:
    """Return the present day, in UTC: the day on which a demo expires begins everywhere at the same moment."""
    return now().date()
