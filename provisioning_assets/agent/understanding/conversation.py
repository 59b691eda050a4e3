"""Completes a follow-up, such as "and by region?", from the question before it."""

from dataclasses import replace

from provisioning_assets.agent.understanding.asked import Asked
from provisioning_assets.agent.understanding.lexicon import plain_tokens
from provisioning_assets.agent.understanding.parts import PRONOUNS

_OPENINGS = ("and", "now", "only", "what about", "how about", "in", "for", "by", "of those")

_LATER = 1_000


def continues(question: str) -> bool:
    """Return whether a question begins like a follow-up, or refers to what was named before."""
    text = " ".join(plain_tokens(question))
    return refers_back(question) or any(text == opening or text.startswith(f"{opening} ") for opening in _OPENINGS)


def refers_back(question: str) -> bool:
    """Return whether a question has a word for what was named before: "how much did we bill them?"."""
    return not PRONOUNS.isdisjoint(plain_tokens(question))


def merged(earlier: list[Asked], later: list[Asked], question: str) -> list[Asked]:
    """Complete the readings of a follow-up from those of the question before it; other questions stay as they are."""
    later = [_moved(asked) for asked in later]
    complete = [asked for asked in later if asked.figures or asked.listed or asked.moment or asked.share]
    if complete and not continues(question):
        plain = [asked for asked in complete if not (asked.windows or asked.conditions or asked.events)]
        # "what was the average score?" can mean all rows, or those of the question before: both are tried
        return complete + [_completed(before, after) for before in earlier for after in plain]
    return [_completed(before, after) for before in earlier for after in later]


def _moved(asked: Asked) -> Asked:
    """Move the places of what a follow-up says behind those of the question before it."""
    return replace(
        asked,
        conditions=tuple(replace(c, at=c.at + _LATER) for c in asked.conditions),
        windows=tuple(replace(w, at=w.at + _LATER) for w in asked.windows),
        events=tuple(replace(e, at=e.at + _LATER) for e in asked.events),
    )


def _completed(before: Asked, after: Asked) -> Asked:
    """Take from the earlier question what the follow-up does not say."""
    regrouped = bool(after.groups or after.grain or after.weekday)
    replaced = {condition.column for condition in after.conditions}
    windows = after.windows or before.windows
    if after.windows and before.windows and all(w.clock is None for w in after.windows):
        windows = tuple(replace(w, clock=before.windows[0].clock) for w in after.windows)
    return replace(
        after,
        figures=after.figures or before.figures,
        listed=after.listed or (None if after.figures else before.listed),
        moment=after.moment or (None if after.figures else before.moment),
        groups=after.groups if regrouped else before.groups,
        group_words=after.group_words if regrouped else before.group_words,
        grain=after.grain if regrouped else before.grain,
        weekday=after.weekday if regrouped else before.weekday,
        conditions=(*(c for c in before.conditions if c.column not in replaced), *after.conditions),
        windows=windows,
        events=(*before.events, *after.events),
        descending=after.descending if regrouped or after.descending is not None else before.descending,
        limit=after.limit or (None if regrouped else before.limit),
        share=after.share or before.share,
        per=after.per or before.per,
        duration=after.duration or (None if after.figures else before.duration),
        duration_unit=after.duration_unit or before.duration_unit,
        new=after.new or before.new,
        chosen=(*before.chosen, *after.chosen),
    )
