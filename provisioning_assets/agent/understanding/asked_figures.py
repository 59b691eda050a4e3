"""Finds the figures of a result that a question asks for: a main one, and the one that another clause of the question names.

A figure is named by the words of its column, without those that say how it was computed or over what time.
"""

import re
from collections.abc import Sequence

from provisioning_assets.agent.understanding.lexicon import plain_tokens, stem
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.googlesql.results import ResultColumn

# What begins another clause: "..., and how do they rate it", "compared with before", "against their terms".
_NEW_CLAUSE = re.compile(r",|;| - |\b(?:and|compared?|against)\b", re.IGNORECASE)
# Parts of a column's name that a question need not repeat: how it was computed, and grammar.
_AGGREGATES = "avg average total sum count median pct percent percentage number".split()  # noqa: SIM905
_GRAMMAR = "to of in per by on at for the last is day days week weeks month months quarter year hour hours minute minutes".split()  # noqa: SIM905
_UNSAID = frozenset([*_AGGREGATES, *_GRAMMAR])
# Parts of the name of a figure that is another figure at an earlier time.
_EARLIER = frozenset({"before", "ago", "earlier", "previous"})
# Words of questions for parts of names.
_SAID_FOR = {"second": "two", "twice": "two", "due": "overdue", "money": "amount"}
_ASKING = frozenset({"how", "what"})
_RANKS = frozenset({"rank", "ranking", "place"})
# Words of one family (satisfied, satisfaction) have as many first letters in common.
_SAME_FAMILY = 6


def is_rank(column: ResultColumn, values: Sequence[Scalar]) -> bool:
    """Whether a column holds places in an order: 1 is the first one, and no larger than the others."""
    whole = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return column.name.lower().split("_")[-1] in _RANKS and len(whole) == len(values) and min(whole, default=0) == 1


def asks_for_a_rank(question: str) -> bool:
    """Whether a question has the word rank, ranking or place."""
    return not _RANKS.isdisjoint(plain_tokens(question))


def named_first(columns: Sequence[ResultColumn], figures: Sequence[int], question: str) -> int | None:
    """Return which figure the question names first: with all its words or, if there is none, with some; None if it names none.

    Args:
        columns: the result's columns.
        figures: the places of those to choose from.
        question: in words.
    """
    said = _said(question)
    found = [(at, *_named(columns[at].name, said)) for at in figures]
    named = [(at, share, place) for at, share, place in found if share]
    whole = [each for each in named if each[1] == 1] or named
    return min(whole, key=lambda each: each[2])[0] if whole else None


def also_asked(columns: Sequence[ResultColumn], figures: Sequence[int], main: int, question: str) -> int | None:
    """Return the figure that a question asks for in addition to the main one, in another of its clauses; None if there is none.

    A clause such as "compared with the time before" asks for the main figure at an earlier time. A clause before that of the main
    figure asks for a figure only with "how" or "what": "of the customers who registered" says which rows are meant.

    Args:
        columns: the result's columns.
        figures: the places of those to choose from.
        main: the place of the main figure.
        question: in words.
    """
    clauses = [said for clause in _NEW_CLAUSE.split(question) if (said := _said(clause))]
    if len(clauses) < 2:
        return None
    others = [at for at in figures if at != main and _EARLIER.isdisjoint(_parts(columns[at].name))]
    earlier = [at for at in figures if _is_earlier(columns[at].name, columns[main].name)]
    comparing = [said for said in clauses if not _EARLIER.isdisjoint(said)]
    if earlier and comparing and not any(_named(columns[at].name, comparing[-1])[0] for at in others):
        return earlier[0]
    of_main = [_named(columns[main].name, said)[0] for said in clauses]
    home = of_main.index(max(of_main)) if any(of_main) else -1
    found = [
        (share == 1, clause > home, -clause, -place, at)
        for clause, said in enumerate(clauses)
        if clause > home or (clause < home and not _ASKING.isdisjoint(said))
        for at in others
        for share, place in [_named(columns[at].name, said)]
        if share
    ]
    return max(found)[-1] if found else None


def _said(text: str) -> list[str]:
    return [_SAID_FOR.get(token, token) for token in plain_tokens(text)]


def _parts(name: str) -> list[str]:
    return name.lower().split("_")


def _is_earlier(name: str, of: str) -> bool:
    parts = set(_parts(name))
    return bool(parts & _EARLIER) and parts - _EARLIER - {"year"} == set(_parts(of)) - {"year"}


def _named(name: str, said: Sequence[str]) -> tuple[float, int]:
    """The share of a column's words that were said, 0-1, and the place of the first one."""
    words = [part for part in _parts(name) if part not in _UNSAID and not part.isdigit()]
    places = [place for word in words if (place := _place(word, said)) is not None]
    return (len(places) / len(words), min(places)) if places else (0.0, 0)


def _place(word: str, said: Sequence[str]) -> int | None:
    def same(token: str) -> bool:
        family = word[:_SAME_FAMILY] == token[:_SAME_FAMILY] and min(len(word), len(token)) > _SAME_FAMILY
        return token not in _UNSAID and (family or stem(word) == stem(token))

    return next((place for place, token in enumerate(said) if same(token)), None)
