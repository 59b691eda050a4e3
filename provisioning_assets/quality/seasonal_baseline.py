"""What to expect of a figure today from its own past, and how far it strays from that by chance.

A *panel* is one column of one question's answer: groups by days, the last day being today, the days ``step`` apart.

**Baseline.** A group's level is the mean of its past days. Groups move together with season and growth; how much they do is
estimated from the past. With ``m[g, t]`` the mean of the other groups on day t over the mean of the same groups' past
levels (their difference, where figures can be negative), what is expected of group g on day t is

    level[g] * (1 + pull * (m[g, t] - 1))        or        level[g] + pull * m[g, t]

where ``pull``, between 0 and 1, is the regression of the groups' own movements on those of the others over the past days.

**Spread.** The residuals of a group's past days give its variance. Windows that overlap make residuals alike and so too small:
``w`` days long and ``k * step`` days apart they share ``max(0, 1 - k * step / w)`` of their rows, which is their correlation R.
The sum of squares is divided by ``trace(C R)`` (C takes the mean away, and the drift where one is fitted) rather than n - 1,
and the error of what was fitted is added. The window w is estimated from the past: among the lengths that the question can have,
it is the one whose overlap best explains how alike the residuals of neighbouring days are.

A variance of few days is poor, so the groups' variances are combined: the moderated variance of Smyth (2004, Statistical
Applications in Genetics and Molecular Biology 3:1), whose prior is estimated from all groups of the panel. Groups of different size
vary differently, so it is estimated in units of the variance that chance gives a group of its size: a count varies as its level
(Poisson); a share of n rows as level / n (binomial), a sum or mean of n rows as level ** 2 / n, whichever makes the groups more
alike; a figure that can be negative, such as a change, as 1 / n. A spread is never below what rounding alone hides: a step of the
last decimal / sqrt(12).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_DAYS = 5
"""Smallest number of past days for a mean and a spread; the variance of fewer days is too uncertain to use."""

LENGTHS_TRIED = 13
"""Number of window lengths that are tried, evenly spaced from the shortest to the longest; about whole months for a year."""


@dataclass(frozen=True)
class Baseline:
    """Of each group: what is expected today, the standard deviation around it, and its degrees of freedom."""

    expected: Floats
    spread: Floats
    freedom: Floats

    def z(self, figures: Floats) -> Floats:
        """How many standard deviations figures lie from what is expected."""
        return (figures - self.expected) / self.spread


def seasonal_baseline(
    panel: Floats,
    step: float,
    windows: tuple[float, float],
    rows: Floats | None = None,
    gap: int = 1,
    *,
    drift: bool = False,
) -> Baseline:
    """The baseline of each group.

    Args:
        panel: groups by days, oldest day first, today last; no value missing, and ``FEWEST_DAYS`` before today.
        step: days between two columns of the past.
        gap: how many steps lie between the last of them and today.
        drift: whether what a group gains or loses against the others, day by day, is expected to go on.
        windows: the fewest and the most days over which a figure may be measured.
        rows: of each group, how many rows its figures are made of, or in proportion to it; absent: the figures are counts
            themselves, or nothing is known.
    """
    past = panel[:, :-1]
    level = past.mean(axis=1)
    relative = bool(panel.min() >= 0 and (level > 0).all())
    movement = _movement(panel, level, relative=relative)
    own = past / level[:, None] - 1 if relative else past - level[:, None]
    others = movement[:, :-1]
    moved = float((others**2).sum())
    pull = float(np.clip((own * others).sum() / moved, 0.0, 1.0)) if moved > 0 else 0.0
    expected = level[:, None] * (1 + pull * movement) if relative else level[:, None] + pull * movement
    residuals = past - expected[:, :-1]
    known, today = _line(past.shape[1], gap, drift=drift)
    solved = np.linalg.pinv(known)
    shift = residuals @ (today @ solved)
    residuals = residuals - residuals @ (known @ solved).T
    window = _window(residuals, step, windows, known)
    variance, days, of_expected = _variance(residuals, step, window, gap, drift=drift)
    scale = _scale(variance, level, rows, relative=relative)
    variance, freedom = _moderated(variance / scale, days)
    variance = variance * scale
    floor = _last_decimal(past) ** 2 / 12
    return Baseline(expected[:, -1] + shift, np.sqrt(np.maximum(variance * of_expected, floor)), freedom)


def _movement(panel: Floats, level: Floats, *, relative: bool) -> Floats:
    """For each group and day, how far the other groups are from their level; 0 when there are no others."""
    groups = len(panel)
    if groups == 1:
        return np.zeros_like(panel)
    of_others = panel.sum(axis=0) - panel
    usual = (level.sum() - level)[:, None]
    return of_others / usual - 1 if relative else (of_others - usual) / (groups - 1)


def _window(residuals: Floats, step: float, windows: tuple[float, float], known: Floats) -> float:
    """The length, between the two given, whose overlap best explains the correlation of the residuals of neighbouring days.

    Fitting reduces the correlation, so it is the correlation after fitting that is compared, for each length.
    """
    squares = float((residuals**2).sum())
    correlation = float((residuals[:, 1:] * residuals[:, :-1]).sum()) / squares if squares > 0 else 0.0
    at = np.arange(residuals.shape[1])
    rest = np.eye(len(at)) - known @ np.linalg.pinv(known)

    def distance(window: float) -> float:
        left = rest @ _overlap(at, step, window) @ rest
        return abs(float(np.trace(left, offset=1) / np.trace(left)) - correlation)

    return min(np.linspace(*windows, LENGTHS_TRIED).tolist(), key=distance)


def _overlap(at: NDArray[np.int64], step: float, window: float) -> Floats:
    """Share of their rows that windows have in common, for every pair of days."""
    return np.maximum(0.0, 1 - np.abs(np.subtract.outer(at, at)) * step / max(window, step))


def _line(days: int, gap: int, *, drift: bool) -> tuple[Floats, Floats]:
    """What is fitted to a group's residuals: (regressors of the past days, those of today) - a mean, and a drift if asked."""
    at = np.append(np.arange(days), days - 1 + gap).astype(np.float64)
    design = np.column_stack([np.ones(days + 1), at] if drift else [np.ones(days + 1)])
    return design[:-1], design[-1]


def _variance(residuals: Floats, step: float, window: float, gap: int, *, drift: bool) -> tuple[Floats, float, float]:
    """(variance, degrees of freedom, variance of today's distance from what is expected over that of one day)."""
    days = residuals.shape[1]
    at = np.append(np.arange(days), days - 1 + gap)
    overlap = _overlap(at, step, window)
    known, today = _line(days, gap, drift=drift)
    solved = np.linalg.pinv(known)
    left = (np.eye(days) - known @ solved) @ overlap[:-1, :-1]
    trace = float(np.trace(left))
    freedom = trace**2 / float(np.trace(left @ left))
    weights = today @ solved
    of_expected = 1 + weights @ overlap[:-1, :-1] @ weights - 2 * weights @ overlap[-1, :-1]
    return (residuals**2).sum(axis=1) / trace, freedom, float(of_expected)


def _scale(variance: Floats, level: Floats, rows: Floats | None, *, relative: bool) -> Floats:
    """The variance that chance gives a group of each group's size, up to a factor."""
    size = np.ones_like(level) if rows is None else np.maximum(rows, 1.0)
    if not relative:
        return 1 / size
    candidates = [level] if rows is None else [level / size, level**2 / size]
    known = variance > 0
    return min(
        candidates, key=lambda scale: float(np.log(variance[known] / scale[known]).std()) if known.any() else 0.0
    )


def _moderated(variance: Floats, freedom: float) -> tuple[Floats, Floats]:
    """Variances moderated by those of the other groups, as limma's ``fitFDist`` and ``squeezeVar`` do."""
    from scipy.special import digamma, polygamma

    known = variance > 0
    if known.sum() < 2:
        return variance, np.full(len(variance), freedom)
    logs = np.log(variance[known]) - digamma(freedom / 2) + np.log(freedom / 2)
    excess = float(logs.var(ddof=1) - polygamma(1, freedom / 2))
    if excess <= 0:
        return np.full(len(variance), variance.mean()), np.full(len(variance), freedom * len(variance))
    prior = 2 * _trigamma_inverse(excess)
    usual = float(np.exp(logs.mean() + digamma(prior / 2) - np.log(prior / 2)))
    return (prior * usual + freedom * variance) / (prior + freedom), np.full(len(variance), prior + freedom)


def _trigamma_inverse(value: float) -> float:
    """Newton's method on 1/trigamma, as in limma: it converges from below."""
    from scipy.special import polygamma

    found = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, found))
        change = trigamma * (1 - trigamma / value) / float(polygamma(2, found))
        found += change
        if -change / found < 1e-8:
            break
    return found


def _last_decimal(values: Floats) -> float:
    """The step of the last decimal that figures are rounded to, from six decimals up to whole numbers."""
    return next(
        (10.0**-decimals for decimals in range(6) if np.allclose(values, np.round(values, decimals), atol=1e-9)), 1e-6
    )


def as_normal(z: Floats, freedom: Floats) -> Floats:
    """Student's t with these degrees of freedom as the z of a normal distribution that is as unlikely."""
    from scipy.special import ndtri, stdtr

    return -ndtri(np.maximum(stdtr(freedom, -np.abs(z)), 1e-300)) * np.sign(z)


def corrected(z: float, places: int) -> float:
    """A z after allowing for the number of figures searched, two-sided: ``1 - (1 - p) ** places`` (Sidak 1967), as a z.

    0 when at least one such z among so many is more likely than not by chance alone.
    """
    from scipy.special import ndtr, ndtri

    p = 2 * float(ndtr(-abs(z)))
    among = -np.expm1(places * np.log1p(-p)) if p < 1 else 1.0
    return max(0.0, -float(ndtri(max(among, 1e-300) / 2)))
