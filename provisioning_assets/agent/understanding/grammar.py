"""Reads a question by a small grammar that must account for every content word, or says which words are left over.

A question is first divided into *parts*: names of the model, times, numbers, and markers of the grammar ("top", "by", "more
than", "without"). Then each choice of meanings for its names is interpreted. Nothing is weighed: a word that no rule takes
makes the question unreadable.
"""

import re
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal, TypeVar

from provisioning_assets.agent.understanding.asked import (
    Asked,
    Condition,
    Dated,
    Events,
    Figure,
    Function,
    Operator,
    UnreadableError,
)
from provisioning_assets.agent.understanding.catalog import Catalog, CatalogColumn, CatalogTable
from provisioning_assets.agent.understanding.lexicon import stems_of, words_of
from provisioning_assets.agent.understanding.meaning import AMOUNT_WORDS, Meaning, spelt
from provisioning_assets.agent.understanding.parts import PRONOUNS, Part
from provisioning_assets.agent.understanding.time_windows import Moment, Unit, Window
from provisioning_assets.figure_text import is_currency

_FUNCTIONS: dict[str, Function] = {"#avg": "avg", "#median": "median", "#sum": "sum", "#max": "max", "#min": "min"}
_RANKS = {"#desc": True, "#best": True, "#dear": True, "#asc": False, "#worst": False, "#cheap": False}
_COMPARISONS: dict[str, Operator] = {">": ">", ">=": ">=", "<": "<", "<=": "<="}
_OPPOSITE: dict[Operator, Operator] = {
    "=": "!=",
    "!=": "=",
    ">": "<=",
    "<=": ">",
    "<": ">=",
    ">=": "<",
    "set": "unset",
    "unset": "set",
}
_COPULAS = frozenset("is are was were be been have has had do does did come comes came get gets got".split())  # noqa: SIM905
_SUBJECTS = frozenset({"we", "i", "you", "they"})
_ADVERBS = frozenset({"daily", "weekly", "monthly", "quarterly", "yearly", "annual"})
# Most combinations of meanings that are tried. A question with more is refused.
_MOST_COMBINATIONS = 512


_T = TypeVar("_T")


def readings(parts: tuple[Part, ...], catalog: Catalog, *, incomplete: bool = False) -> list[Asked]:
    """Interpret every choice of meanings.

    Args:
        parts: the parts of the question.
        catalog: the model.
        incomplete: whether an earlier question may complete this one.

    Raises:
        UnreadableError: no choice can be interpreted; the first reason is given.
    """
    options = [_narrowed(part, parts, index) if part.kind == "name" else (None,) for index, part in enumerate(parts)]
    combinations = 1
    for option in options:
        combinations *= len(option)
    if combinations > _MOST_COMBINATIONS:
        raise UnreadableError("its words have too many meanings in this data")
    found: list[Asked] = []
    reason: UnreadableError | None = None
    for choice in product(*options):
        try:
            asked = _Interpretation(parts, choice, catalog, incomplete=incomplete).asked()
        except UnreadableError as error:
            reason = reason or error
            continue
        found.append(replace(asked, chosen=tuple(m for m in choice if m is not None)))
    if not found:
        raise reason or UnreadableError("it names nothing that I can count or add up")
    return found


def _narrowed(part: Part, parts: tuple[Part, ...], index: int) -> tuple[Meaning, ...]:
    """Return the meanings that the words beside a name leave: the event of a window, the place of a noun."""
    before = parts[index - 1] if index else None
    after = parts[index + 1] if index + 1 < len(parts) else None
    flags = tuple(m for m in part.meanings if m.kind == "column" and m.of.type == "BOOL")
    if flags and after is not None and after.kind == "#rate":
        return flags
    meanings = _as_spelt(part, _events_or_others(part, parts, index))
    named = {m.table for p in parts if p is not part for m in p.meanings if m.kind == "table"}
    if part.said.casefold() in AMOUNT_WORDS and before is not None and before.past and not part.lead:
        events = {m.table for m in before.meanings if m.kind == "event"}
        return tuple(m for m in meanings if m.table in events)  # "the invoiced amount"
    if part.said.casefold() in AMOUNT_WORDS:
        meanings = tuple(m for m in meanings if m.table in named) or meanings
    tables = {m.table for m in meanings if m.kind == "table"}
    figures = tuple(m for m in meanings if m.kind == "column" and m.of.role == "measure")
    if figures and tables and before is not None and before.kind in {*_FUNCTIONS, "#amount"}:
        return figures  # "total refunds" is money
    grouped = (before is not None and before.kind == "#by") or _asks_which(part)
    if tables and not grouped:
        # a table's own column that has its name says what a row is: "extras" are rows, "by extra" is the column
        own = [m for m in meanings if m.kind == "column" and m.of.role != "measure" and m.table in tables]
        meanings = tuple(m for m in meanings if m not in own)
    return _values_of_noun(part, meanings, before, after)


def _as_spelt(part: Part, meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
    """Leave out values that are another form of the word: "did they book" is not the status "booked"."""
    said = spelt(words_of(part.said))
    others = tuple(m for m in meanings if m.kind != "value" or spelt(words_of(m.value or "")) == said)
    return others or meanings


def _events_or_others(part: Part, parts: tuple[Part, ...], index: int) -> tuple[Meaning, ...]:
    """Return either the events or the other meanings of a name, if it has both: verbs and what is dated are events."""
    meanings = part.meanings
    before = parts[index - 1] if index else None
    dated = index + 1 < len(parts) and parts[index + 1].kind == "window"
    named = {m.table for p in parts if p is not part and not p.past for m in p.meanings if m.kind == "table"}
    events = tuple(m for m in meanings if m.kind == "event")
    of_noun = tuple(m for m in events if m.table in named)
    if of_noun:
        meanings = tuple(m for m in meanings if m.kind != "event" or m in of_noun)
        events = of_noun
    others = tuple(m for m in meanings if m.kind != "event")
    if not events or not others:
        return meanings
    is_noun = any(m.kind == "table" for m in others)
    only_values = all(m.kind == "value" for m in others)
    denied = before is not None and before.kind == "#not"
    timed = any(p.kind == "#long" for p in parts)
    if timed or (part.past and is_noun) or (dated and (part.past or not is_noun)) or (only_values and denied):
        return events
    return meanings if only_values else others


def _values_of_noun(
    part: Part, meanings: tuple[Meaning, ...], before: Part | None, after: Part | None
) -> tuple[Meaning, ...]:
    """Return the values that belong to the noun beside them ("customers in Chicago"), else those that say how rows stand now."""
    values = tuple(m for m in meanings if m.kind == "value")
    if "only" in part.lead and values:  # "only damage" is a filter, also if claims are called damages
        return values
    if before is not None and {"and", "or"} & set(part.lead):  # "affiliates and the newsletter": both are channels
        columns = {m.of.key for m in before.meanings if m.kind == "value"}
        alike = tuple(m for m in values if m.of.key in columns)
        if alike:
            return alike
    adjective = after is not None and not after.lead
    for noun in (after, before) if adjective else (before, after):
        if noun is not None and len(values) > 1:
            columns = {m.of.key for m in noun.meanings if m.kind == "column"}
            tables = {m.table for m in noun.meanings if m.kind == "table"}
            of_noun = tuple(m for m in values if m.of.key in columns) or tuple(m for m in values if m.table in tables)
            if of_noun:
                return of_noun
    if values and len(values) < len(meanings) and not part.capital and all(m.kind != "event" for m in meanings):
        # a word in small letters that also names a table or column is a value only beside a noun of the value's table
        owners = {m.table for p in (before, after) if p is not None for m in p.meanings if m.kind == "table"}
        beside = tuple(m for m in values if m.table in owners)
        return beside or tuple(m for m in meanings if m.kind != "value" or (m.value is not None and m.value.islower()))
    today = tuple(m for m in values if m.of.state_today)
    return tuple(m for m in meanings if m.kind != "value" or m in today) if today else meanings


# --- one interpretation ------------------------------------------------------------------------------------------


_HOW = frozenset({"by", "with", "through", "via", "in"})
"""Words before how something was done: "not paid by card"."""


@dataclass
class _Pending:
    """Markers that wait for the name they belong to."""

    count: bool = False
    function: Function | None = None
    by: bool = False
    negated: bool = False
    compare: Operator | None = None
    number: float | None = None
    distinct: bool = False
    share: bool = False
    new: bool = False
    rank: bool = False
    which: bool = False
    amount: bool = False
    currency: bool = False
    said: list[str] = field(default_factory=list)


class _Interpretation:
    """Interprets the parts of a question from left to right, under one choice of meanings."""

    def __init__(
        self, parts: tuple[Part, ...], choice: tuple[Meaning | None, ...], catalog: Catalog, *, incomplete: bool
    ) -> None:
        self.parts, self.choice, self.catalog, self.incomplete = parts, choice, catalog, incomplete
        self.figures: list[Figure] = []
        self.groups: list[tuple[Meaning, str]] = []
        self.each: list[Meaning] = []
        self.conditions: list[Condition] = []
        self.windows: list[Dated] = []
        self.events: list[Events] = []
        self.nouns: list[tuple[int, str, str]] = []
        self.counted: Figure | None = None
        self.columns: list[tuple[int, Meaning, str]] = []
        self.grain: Unit | None = None
        self.weekday = False
        self.rank: str | None = None
        self.limit: int | None = None
        self.share = self.when = self.listed = self.new = self.compares = self.develops = False
        self.long: str | None = None
        self.long_function: Function | None = None
        self.long_events: list[Meaning] = []
        self.moment: Literal["min", "max"] | None = None
        self.per: str | None = None
        self.share_at = 0
        self.now = self.at_end = False
        self.overdue_at: int | None = None
        self.copula_at: int | None = None
        self.used: set[int] = set()
        self.pending = _Pending()
        self.averaged_count = False

    # -- reading --

    def asked(self) -> Asked:
        """Return what is asked. Raises UnreadableError if a part is left over."""
        for index in range(len(self.parts)):
            if index not in self.used:
                self._read(index)
        self._check_pending()
        return self._complete()

    def _read(self, index: int) -> None:
        part, pending = self.parts[index], self.pending
        if self.share and self.copula_at is None and index > self.share_at + 1 and _COPULAS & set(part.lead):
            self.copula_at = index
        match part.kind:
            case "name":
                self._name(index, part, self._chosen(index))
            case "window" if part.window is not None:
                if pending.by and part.rolling is not None:
                    self.grain, pending.by = part.rolling[1], False
                self.windows.append(Dated(part.window, self._clock_before(index), part.rolling, index))
            case "grain":
                self.grain = self._single(self.grain, part.grain, part)
                pending.by = False
            case "number":
                self._number(index, part)
            case "#count":
                pending.count = True
            case "#avg" | "#median" | "#sum" | "#max" | "#min":
                if pending.function not in (None, "sum"):
                    raise _left(part)
                if self.long is not None and self.long_function is None and part.kind in ("#avg", "#median"):
                    self.long_function = _FUNCTIONS[part.kind]  # "how long does it take on average"
                else:
                    pending.function = _FUNCTIONS[part.kind]
            case "#amount":
                if pending.function is not None and part.said.casefold() != "amount of":
                    raise _left(part)
                pending.function, pending.amount = pending.function or "sum", True
            case "#currency":
                if pending.compare is None or pending.number is not None:
                    raise _left(part)
                pending.currency = True
            case "#desc" | "#asc" | "#best" | "#worst" | "#dear" | "#cheap":
                self.rank = self._single(self.rank, part.kind, part)
                pending.rank = True
            case "#by":
                pending.by = True
            case "#share":
                self.share = pending.share = True
                self.share_at = index
            case "#rate":
                raise _left(part)
            case "#not" | "#except":
                if pending.negated:
                    raise _left(part)
                pending.negated = True
                pending.said.append(part.said)
            case ">" | ">=" | "<" | "<=":
                if pending.compare is not None:
                    raise _left(part)
                pending.compare = _COMPARISONS[part.kind]
                pending.said.append(part.said)
            case "#once" | "#twice":
                self._times(part, 1 if part.kind == "#once" else 2)
            case "#times":
                if pending.number is None:
                    raise _left(part)
                self._times(part, int(pending.number))
            case "#distinct":
                pending.distinct = True
            case "#new":
                pending.new = self.new = True
                pending.which = pending.which or _asks_which(part)
            case "#list":
                self.listed = True
            case "#versus":
                self.compares = True
            case "#develop":
                self.develops = True
            case "#weekday":
                self.weekday, pending.by = True, False
            case "#long":
                self._how_long(index, part)
            case "#when":
                self.when = True
            case "#atend":
                self.at_end = True
            case "#after":
                self._after(index, part)
            case "#now":
                self.now = index > 0  # "now by region?" only goes on
            case "#overdue":
                self.overdue_at = index
            case "#earliest" | "#latest":
                self.moment = "min" if part.kind == "#earliest" else "max"
            case _:
                raise _left(part)

    def _chosen(self, index: int) -> Meaning:
        meaning = self.choice[index]
        if meaning is None:
            raise _left(self.parts[index])
        return meaning

    @staticmethod
    def _single(known: _T | None, value: _T, part: Part) -> _T:
        if known is not None and known != value:
            raise _left(part)
        return value

    def _number(self, index: int, part: Part) -> None:
        pending = self.pending
        before = self.parts[index - 1].kind if index else ""
        after = self.parts[index + 1].kind if index + 1 < len(self.parts) else ""
        if pending.compare is not None and pending.number is None:
            pending.number = part.number
            pending.said.append(part.said)
            unit = "currency" if pending.currency else self._unit_after(index)
            pending.currency = False
            self._compare_with_column_before(index, unit)
        elif after in ("#ormore", "#orless"):
            pending.compare, pending.number = (">=" if after == "#ormore" else "<="), part.number
            pending.said += [part.said, self.parts[index + 1].said]
            self.used.add(index + 1)
            self._compare_with_column_before(index + 1, self._unit_after(index + 1))
        elif self.limit is None and _asks_which(part) and any(p.kind in _RANKS for p in self.parts[index:]):
            self.limit, pending.which = int(part.number or 0), True
        elif (before in _RANKS or after in _RANKS) and self.limit is None and part.number and part.number.is_integer():
            self.limit = int(part.number)
        elif after == "#times" or (index + 1 < len(self.parts) and after == "name"):
            pending.compare, pending.number = "=", part.number
            pending.said.append(part.said)
            if after == "name" and not any(m.kind == "table" for m in self.parts[index + 1].meanings):
                raise _left(part)
        else:
            raise _left(part)

    def _unit_after(self, index: int) -> str | None:
        """Take a unit after a number: a currency, "percent", or the unit of a measure. Returns what it is."""
        at = index + 1
        if at >= len(self.parts):
            return None
        after = self.parts[at]
        if after.kind == "#currency":
            self.used.add(at)
            return "currency"
        if after.kind == "#share" and after.said.casefold() == "percent":
            self.used.add(at)
            return "percent"
        if after.kind in ("#long", "unknown") and any(
            c.unit and stems_of(c.unit) == stems_of(after.said) for c in self.catalog.columns()
        ):
            self.used.add(at)
            return after.said
        return None

    def _compare_with_column_before(self, index: int, unit: str | None) -> None:
        """Close a comparison whose column stands before it ("price above 20"), or is the amount in money ("over 100 euros")."""
        pending = self.pending
        following = self.parts[index + 1] if index + 1 < len(self.parts) else None
        if self.columns and self.columns[-1][1].of.role == "measure":
            at, meaning, said = self.columns.pop()
            self._compare(meaning.of, at, said)
        elif following is not None and following.kind == "name" and index + 1 not in self.used and not following.lead:
            return
        elif unit == "currency" and self.nouns:
            table = self.catalog.tables[self.nouns[-1][1]]
            if table.main_amount is None:
                raise UnreadableError(f"the {_readable(table.name)} have no single amount to compare with")
            self._compare(table.main_amount, index, "amount")
        elif unit is not None:
            raise UnreadableError(f"I do not know what “{' '.join(pending.said)} {unit}” compares")

    def _compare(self, column: CatalogColumn, at: int, said: str) -> None:
        pending = self.pending
        if column.role != "measure" or pending.compare is None or pending.number is None:
            raise UnreadableError(f"I cannot compare {said} with a number")
        operator = _OPPOSITE[pending.compare] if pending.negated else pending.compare
        told = " ".join([said, *pending.said])
        owner = self.nouns[-1][1] if self.nouns else self.groups[-1][0].table if self.groups else column.table
        if owner != column.table and not self.catalog.reaches(owner, column.table):
            if column.aggregation != "sum" or not self.catalog.reaches(column.table, owner):
                raise UnreadableError(f"I cannot compare {said} of the {_readable(owner)} with a number")
            self.events.append(Events(column.table, operator, pending.number, None, False, at, told, column))
        else:
            self.conditions.append(Condition(column, operator, (pending.number,), at, told))
        pending.compare = pending.number = None
        pending.negated, pending.said = False, []

    def _times(self, part: Part, number: int) -> None:
        """Set how many events there must be: "ordered only once", "more than 3 times"."""
        if not self.events:
            raise _left(part)
        operator = self.pending.compare or "="
        self.events[-1] = replace(self.events[-1], operator=operator, number=number)
        self.pending.compare = self.pending.number = None
        self.pending.said = []

    # -- names --

    def _name(self, index: int, part: Part, meaning: Meaning) -> None:
        pending = self.pending
        if meaning.kind == "value":
            self._value(index, part, meaning)
        elif meaning.kind == "table":
            self._table(index, part, meaning)
        elif meaning.kind in ("event", "undone"):
            self._event(index, part, meaning)
        elif meaning.of.type == "BOOL" and not self._groups_here(index, part):
            self._flag(index, part, meaning)
        elif meaning.of.role == "measure":
            self._measure(index, part, meaning)
        else:
            self._dimension(index, part, meaning)
        pending.new = False

    def _groups_here(self, index: int, part: Part) -> bool:
        """Return whether a name is grouped by: after "by" or "which", or joined by "and" to such a name."""
        if self.pending.by or self.pending.which or _asks_which(part):
            return True
        joined = "and" in part.lead and bool(self.groups) and index > 0 and self.parts[index - 1].kind == "name"
        return joined and self.choice[index - 1] == self.groups[-1][0]

    def _group(self, meaning: Meaning, part: Part) -> None:
        pending = self.pending
        if pending.negated or pending.compare or pending.function or pending.distinct:
            raise _left(part)
        if (
            meaning.kind == "column"
            and meaning.of.role == "text"
            and meaning.of != self.catalog.tables[meaning.table].label
        ):
            raise UnreadableError(f"{part.said} is a text of each of the {_readable(meaning.table)}, not a group")
        at = self.parts.index(part)
        by_whom = at > 1 and self.parts[at - 1].kind == "#by" and self.parts[at - 2].past
        if by_whom and (meaning.kind == "table" or meaning.of == self.catalog.tables[meaning.table].label):
            raise UnreadableError(f"it is not clear whether “by {part.said}” says who did it, or how to group")
        leads_each = pending.by and self.rank is not None and bool(self.groups) and _says_each(self.parts, part)
        if leads_each:
            self.each.append(meaning)
        self.groups.append((meaning, part.said))
        pending.by = pending.rank = pending.which = False

    def _describes_next(self, index: int) -> bool:
        """Return whether a word stands before the noun that it describes: "active members", "unpaid invoices"."""
        after = index + 1
        if after >= len(self.parts) or self.parts[after].kind != "name" or self.parts[after].lead:
            return False
        meaning = self.choice[after]
        return meaning is not None and (meaning.kind in ("table", "value", "undone") or meaning.column is not None)

    def _value(self, index: int, part: Part, meaning: Meaning) -> None:
        pending = self.pending
        describes = self._describes_next(index)
        priced = pending.amount and not (self.figures or self.nouns or self.groups)
        after = self.parts[index + 1].kind if index + 1 < len(self.parts) else ""
        times = [c for c in self.catalog.tables[meaning.table].columns if c.role == "time"]
        if part.past and after == "window" and len(times) > 1:
            raise UnreadableError(f"I cannot tell which date “{part.said} {self.parts[index + 1].said}” means")
        of_those = bool(set(part.lead) & PRONOUNS) and self.incomplete
        if of_those and not describes:
            pending.count = False  # "how many of those were rejected": the rows of the question before
        waiting = (
            pending.count or (pending.function and not priced) or pending.compare or pending.distinct or pending.rank
        )
        if waiting and not describes:
            raise _left(part)
        base = self._base()
        at_home = any(
            m.table == meaning.table for p in self.parts if p is not part for m in p.meanings if m.kind == "table"
        )
        if part.past and not describes and not at_home and base not in (None, meaning.table) and not self.incomplete:
            raise UnreadableError(f"“{part.said}” is not said of the {_readable(base or '')} in this data")
        pending.which = pending.which or (_asks_which(part) and describes)
        if not describes:
            pending.by = False  # "by phone"
        following = self.choice[index + 1] if describes else None
        if pending.negated and following is not None and following.kind == "table" and self.nouns:
            raise UnreadableError(f"it is not clear what “{' '.join(pending.said)}” belongs to")
        negated, pending.negated = pending.negated, False
        last = self.conditions[-1] if self.conditions else None
        against = index > 1 and self.parts[index - 1].kind == "#versus"  # "online vs contactless"
        joined = last is not None and last.at == (index - 2 if against else index - 1) and last.column == meaning.column
        if joined and last is not None and last.operator in ("=", "!=") and not negated:
            self.conditions[-1] = replace(
                last, values=(*last.values, meaning.value or ""), at=index, said=f"{last.said}, {part.said}"
            )
        else:
            said = part.said if describes else " ".join([*pending.said, part.said])
            self.conditions.append(Condition(meaning.of, "!=" if negated else "=", (meaning.value or "",), index, said))
        if not (describes and pending.compare):
            pending.said = []
        self._absorb_column(index, meaning.of)

    def _absorb_column(self, index: int, column: CatalogColumn) -> None:
        """Take the column's name beside its value: "North region", "payment method card"."""
        if self.columns and self.columns[-1][0] == index - 1 and self.columns[-1][1].column == column:
            self.columns.pop()
        if (
            self.groups
            and index
            and self.choice[index - 1] == self.groups[-1][0]
            and self.groups[-1][0].column == column
        ):
            raise UnreadableError("it groups and filters by the same words")
        following = self.choice[index + 1] if index + 1 < len(self.choice) else None
        names_it = following is not None and following.kind == "column" and following.column == column
        if names_it and not self.parts[index + 1].lead:
            self.used.add(index + 1)

    def _flag(self, index: int, part: Part, meaning: Meaning) -> None:
        describes = self._describes_next(index)
        if (self.pending.compare or self.pending.function) and not describes:
            raise _left(part)
        noun = self.choice[index + 1] if describes else None
        base = noun.table if noun is not None else self._base()
        if base is not None and not (self._is_event_of(base, meaning) or self.catalog.reaches(meaning.table, base)):
            raise UnreadableError(f"“{part.said}” is not said of the {_readable(base)} in this data")
        if index + 1 < len(self.parts) and self.parts[index + 1].kind == "#rate":
            self.used.add(index + 1)
            self.share = True
            self.share_at, self.copula_at = index, index
        if self.pending.share and not self.nouns and not describes:
            self.pending.share = False
        negated, self.pending.negated = self.pending.negated, False
        said = " ".join([*self.pending.said, part.said])
        if not (describes and self.pending.compare):
            self.pending.said = []
        self.pending.which = self.pending.which or (_asks_which(part) and describes)
        if self.pending.count and not describes:
            self.pending.count = False
            self._count(meaning.table, part)
        self.conditions.append(Condition(meaning.of, "=", (not negated,), index, said))

    def _count(self, table: str, part: Part) -> None:
        """Count the rows of an event or flag that is used as a noun: "how many cancellations"."""
        if self.counted is not None:
            raise UnreadableError("it asks for two numbers at once")
        if not self.incomplete:
            self.counted = Figure("count", table, said=part.said)

    def _event(self, index: int, part: Part, meaning: Meaning) -> None:
        pending = self.pending
        if self._long_to(index, meaning):
            return
        describes = self._describes_next(index)
        pending.which = pending.which or (_asks_which(part) and describes)
        own_document = meaning.table in {t.name for t in _documents_of(part, self.catalog)}
        if pending.function == "sum" and part.past and not describes and own_document and not self.figures:
            self.figures.append(replace(self._amount(meaning.table, part.said), function=pending.function))
            pending.function, pending.amount = None, False
        if (pending.by or pending.compare or pending.function or pending.rank) and not describes:
            raise _left(part)
        if pending.count and not describes:
            pending.count = False
            self._count(meaning.table, part)
        undone = (meaning.kind == "undone") != pending.negated
        if pending.negated and (how := self._how_behind(index)) is not None:
            raise UnreadableError(f"it is not clear whether “not” belongs to “{part.said}” or “{how.said}”")
        if (
            undone
            and self.catalog.tables[meaning.table].time == meaning.column
            and self._base() in (None, meaning.table)
        ):
            raise UnreadableError(f"each of the {_readable(meaning.table)} has its {meaning.of.name}")
        pending.negated = False
        said = " ".join([*pending.said, part.said])
        if not (describes and pending.compare):
            pending.said = []
        noun = self.choice[index + 1] if describes else None
        base = noun.table if noun is not None else self._base()
        if not part.past and meaning.kind == "event" and base is not None and self.listed and not describes:
            self.columns.append((index, meaning, part.said))  # "list the invoices with their due date"
            return
        if not part.past and meaning.kind == "event" and base is not None:
            raise UnreadableError(f"I do not know how “{part.said}” belongs to the rest")
        own_clock = meaning.kind == "event" and self.catalog.tables[meaning.table].time == meaning.column
        if self.listed and own_clock and not undone and base == meaning.table and "and" in part.lead:
            raise UnreadableError(f"it is not clear whether “{part.said}” is to be shown")
        if self._is_event_of(base, meaning):
            if undone and index + 1 < len(self.parts) and self.parts[index + 1].kind == "window":
                raise UnreadableError(f"I cannot tell what “{said} {self.parts[index + 1].said}” should date")
            self.conditions.append(Condition(meaning.of, "unset" if undone else "set", (), index, said))
        elif meaning.kind == "event" and base is not None and self._is_event_on(base, meaning):
            operator: Operator = "=" if undone else ">="
            self.events.append(Events(meaning.table, operator, 0 if undone else 1, meaning.of, True, index, said))
        else:
            raise UnreadableError(f"“{part.said}” is not said of the {_readable(base or meaning.table)} in this data")

    def _how_behind(self, index: int) -> Part | None:
        """Return the value that says how an event happened, as in "paid by card"; None if none is behind it."""
        by = index + 1 < len(self.parts) and self.parts[index + 1].kind == "#by"
        at = index + 2 if by else index + 1
        if at >= len(self.parts) or not (by or _HOW & set(self.parts[at].lead)):
            return None
        meaning = self.choice[at]
        return self.parts[at] if meaning is not None and meaning.kind == "value" else None

    def _is_event_of(self, base: str | None, meaning: Meaning) -> bool:
        """Return whether an event is one of the base's own rows, or of the rows that these are parts of, or of a named noun."""
        if base is None or base == meaning.table:
            return True
        named = any(m.table == meaning.table for p in self.parts if not p.past for m in p.meanings if m.kind == "table")
        return self.catalog.reaches(base, meaning.table) and (named or self.catalog.tables[base].time is None)

    def _is_event_on(self, base: str, meaning: Meaning) -> bool:
        """Return whether an event of a table that refers to the base happens to the base, and is not a copy from a third table."""
        copied = any(
            r.table == meaning.table
            and any(c.name == meaning.of.name for c in self.catalog.tables[r.references].columns)
            for r in self.catalog.relationships
        )
        return self.catalog.reaches(meaning.table, base) and not copied

    def _base(self) -> str | None:
        """Return the table that is asked about so far, or None."""
        if self.nouns or self.groups:
            return self.nouns[0][1] if self.nouns else self.groups[0][0].table
        figure = self.figures[0] if self.figures else self.counted
        return figure.table if figure is not None else None

    def _measure(self, index: int, part: Part, meaning: Meaning) -> None:
        pending = self.pending
        if pending.compare is not None and pending.number is not None:
            if is_currency(meaning.of.unit or "") and self.parts[index - 1].kind == "number":
                raise _left(part)  # "more than one instalment" is a number of them, not an amount
            self._compare(meaning.of, index, part.said)
            return
        if pending.negated or pending.distinct:
            raise _left(part)
        if self.listed and self.nouns and not (pending.count or pending.function or pending.by or pending.rank):
            self.columns.append((index, meaning, part.said))  # "list the orders with their total"
            return
        summed = meaning.of.aggregation == "sum" and not is_currency(meaning.of.unit or "")
        if pending.count and pending.function is None and not summed:
            raise _left(part)
        after = self.parts[index + 1].kind if index + 1 < len(self.parts) else ""
        if after in _COMPARISONS:
            self.columns.append((index, meaning, part.said))
            return
        if pending.by and not (self.rank or self.figures):
            raise UnreadableError(f"I cannot group by {part.said}, because it is a figure")
        if pending.by and self.rank is None:
            raise _left(part)
        if self.figures and {"of", "for", "from", "in", "on"} & set(part.lead):
            raise UnreadableError(f"I do not know how “{part.said}” belongs to the rest")
        beside = self.choice[index - 1] if index else None
        compound = beside is not None and (
            beside.of.role == "measure" if beside.column is not None else beside.table != meaning.table
        )
        if compound and not part.lead:
            raise UnreadableError(f"I do not know what “{self.parts[index - 1].said} {part.said}” is in this data")
        before = self.parts[index - 1] if index else None
        lead = {*part.lead, *(before.lead if before is not None and before.kind in _FUNCTIONS else ())}
        if {"and", "with"} & lead and self.nouns and not self.figures and self.counted is None:
            _, table, said = self.nouns[-1]
            self.counted = Figure("count", table, said=said)  # "subscriptions and revenue by plan"
        function = pending.function
        self.figures.append(Figure(function, meaning.table, meaning.of, said=part.said))
        pending.function, pending.count, pending.by, pending.share, pending.rank = None, False, False, False, False
        pending.amount = False

    def _dimension(self, index: int, part: Part, meaning: Meaning) -> None:
        pending = self.pending
        following = self.choice[index + 1] if index + 1 < len(self.choice) else None
        if (
            following is not None
            and following.kind == "value"
            and following.column == meaning.column
            and not pending.by
        ):
            return  # "paid by card"
        if self._groups_here(index, part) and not pending.count:
            self._group(meaning, part)
            return
        if pending.compare or pending.negated or (pending.function and pending.function != "sum"):
            raise _left(part)
        if pending.count:
            pending.count = pending.distinct = False
            pending.function = None
            self.figures.append(Figure("count", meaning.table, meaning.of, distinct=True, said=part.said))
            return
        if pending.rank or (self.rank is None and self._rank_follows(index)):
            self._group(meaning, part)
            return
        self.columns.append((index, meaning, part.said))

    def _rank_follows(self, index: int) -> bool:
        return any(part.kind in _RANKS for part in self.parts[index + 1 :])

    def _table(self, index: int, part: Part, meaning: Meaning) -> None:
        pending, table = self.pending, meaning.table
        said = part.said
        if part.past and not pending.compare:
            self._done(index, part, table)
            return
        if part.lead[-1:] and part.lead[-1] in _SUBJECTS and not pending.amount:
            raise UnreadableError(f"I do not know what “{said}” does here")
        if pending.compare is not None and pending.number is not None:
            number = pending.number
            if not number.is_integer():
                raise _left(part)
            operator = _OPPOSITE[pending.compare] if pending.negated else pending.compare
            verbs = [e for e in self.events if e.table == table and e.verb]
            self.events = [e for e in self.events if e not in verbs]
            clock = verbs[0].clock if verbs else None
            self.events.append(
                Events(table, operator, int(number), clock, bool(verbs), index, " ".join([*pending.said, said]))
            )
            pending.compare = pending.number = None
            pending.negated, pending.said = False, []
            return
        if pending.negated:
            pending.negated = False
            self.events.append(Events(table, "=", 0, None, False, index, " ".join([*pending.said, said])))
            pending.said = []
            return
        if pending.by and any(f.table == table and f.function == "avg" for f in self.figures) and not self.groups:
            pending.by = False  # "average price per order" of a column of orders
            return
        if pending.by and self._is_divisor(table):
            self.per, pending.by = table, False
            return
        if pending.rank and (self.groups or self.grain or self.weekday) and not pending.by:
            if not {"most", "least", "fewest"} & set(self.parts[index - 1].said.split()) and not pending.count:
                raise UnreadableError(f"it does not say by which figure of the {_readable(table)} to rank")
            pending.rank = False
            self.figures.append(Figure("count", table, said=said))
            return
        if pending.by and self.rank and self.groups and not _says_each(self.parts, part):
            pending.by = False
            self.figures.append(Figure("count", table, said=said))
            return
        unnamed = self.catalog.tables[table].label is None and table not in self.catalog.actors
        divides = self.parts[index - 1].said == "per" and table in self.catalog.actors
        if pending.by and (unnamed or divides):
            raise UnreadableError(
                f"I do not know what to show by {said}: a figure of each of the {_readable(table)}, or an average"
            )
        if (
            self._groups_here(index, part)
            or pending.rank
            or (
                self.rank is None
                and not pending.count
                and self.counted is None
                and not self.figures
                and not self.nouns
                and self._rank_follows(index)
                and not self.share
            )
        ):
            self._group(meaning, part)
            return
        if self.long is not None:
            self.nouns.append((index, table, said))
            return
        if pending.amount and not pending.count:
            figure = replace(self._amount(table, said), function=pending.function)
            pending.function, pending.amount = None, False
            self.figures.append(figure)
            self.nouns.append((index, table, said))
            return
        if pending.function not in (None, "sum"):
            if not pending.count:
                raise UnreadableError(f"I do not know which figure of the {_readable(table)} to take")
            if pending.function != "avg":
                raise _left(part)
            self.averaged_count = True
            pending.function = None
        pending.function = None
        if pending.count or pending.share:
            if self.counted is not None and self.counted.table != table:
                self.figures.append(Figure("count", table, said=said))
            else:
                self.counted = Figure("count", table, distinct=pending.distinct, said=said)
            pending.count = pending.share = pending.distinct = False
        if (self.figures or self.nouns) and self.counted is None and not self._is_linked(index, part):
            raise UnreadableError(f"I do not know how “{said}” belongs to the rest")
        label = self.catalog.tables[table].label
        beside = bool({"with", "and"} & set(part.lead)) or any(at == index - 1 for at, _, _ in self.columns)
        if (
            self.listed
            and self.nouns
            and beside
            and label is not None
            and self.catalog.reaches(self.nouns[0][1], table)
        ):
            self.columns.append(
                (index, Meaning("column", table, label), said)
            )  # "list the invoices with customer and amount"
            return
        if {"their", "its", "his", "her"} & set(part.lead):
            raise UnreadableError(f"I do not know how “{said}” belongs to the rest")
        verb = next((event for event in self.events if event.verb and event.at == index - 1), None)
        if verb is not None and set(stems_of(said)) <= set(stems_of(verb.table)):
            return  # "applied for a loan": what the loan applications are for, not a loan
        if verb is not None and verb.operator == "=" and not verb.number and table != verb.table:
            raise UnreadableError(f"it is not clear what is denied: “{verb.said}” or the {_readable(table)}")
        self.nouns.append((index, table, said))

    def _is_linked(self, index: int, part: Part) -> bool:
        """Return whether a noun is linked to what stands before it, by a word such as "of" or "from", or by its own adjective."""
        before = self.choice[index - 1] if index else None
        after = self.choice[index + 1] if index + 1 < len(self.choice) else None
        described = any(m is not None and m.kind in ("value", "undone", "event") for m in (before, after))
        described = described or any(
            m is not None and m.column is not None and m.of.type == "BOOL" for m in (before, after)
        )
        return described or bool(set(part.lead) - {"and", "the", "our", "all", "a", "an", "or", "also"})

    def _amount(self, table: str, said: str) -> Figure:
        amount = self.catalog.tables[table].main_amount
        if amount is None:
            raise UnreadableError(f"it does not say which amount of the {_readable(table)} is meant")
        return Figure("sum", table, amount, said=said)

    def _done(self, index: int, part: Part, table: str) -> None:
        """Take a verb that names a table: "customers who ordered"."""
        pending = self.pending
        if pending.function == "sum" and not (
            pending.by or pending.rank or pending.count or self.figures or self.nouns
        ):
            pending.function, pending.amount = None, False
            self.figures.append(self._amount(table, part.said))  # "total invoiced"
            self.nouns.append((index, table, part.said))
            return
        if pending.by or pending.function or pending.rank or pending.count:
            raise _left(part)
        said = " ".join([*pending.said, part.said])
        operator: Operator = "=" if pending.negated else ">="
        self.events.append(Events(table, operator, 0 if pending.negated else 1, None, True, index, said))
        pending.negated, pending.said = False, []

    def _is_divisor(self, table: str) -> bool:
        """Return whether "per customer" divides an average by the number of customers."""
        averaged = self.averaged_count or any(f.function == "avg" for f in self.figures)
        figure = self.figures[-1] if self.figures else self.counted
        if not averaged or figure is None or self.each or self.groups:
            return False
        additive = figure.column is None or figure.column.aggregation == "sum"
        return additive and figure.table != table and self.catalog.reaches(figure.table, table)

    # -- durations --

    def _how_long(self, index: int, part: Part) -> None:
        after = self.parts[index + 1 :]
        if self.long is None and not any(
            p.kind == "name" and any(m.kind == "event" for m in p.meanings) for p in after
        ):
            raise _left(part)
        if self.long is not None and self.long != part.said and part.said.casefold() not in ("hours", "days"):
            raise _left(part)
        self.long = part.said.casefold()
        self.pending.count = False
        self.long_function, self.pending.function = self.pending.function, None
        if self.long_function not in (None, "avg", "median"):
            raise _left(part)

    def _long_to(self, index: int, meaning: Meaning) -> bool:
        if self.long is None or meaning.kind != "event" or self.pending.negated:
            return False
        after = self.parts[index + 1] if index + 1 < len(self.parts) else None
        if after is not None and after.kind == "window":
            return False
        self.long_events.append(meaning)
        return True

    # -- completion --

    def _clock_before(self, index: int) -> CatalogColumn | None:
        """Return the time column whose event stands directly before a window."""
        meaning = self.choice[index - 1] if index else None
        return meaning.column if meaning is not None and meaning.kind == "event" else None

    def _check_pending(self) -> None:
        pending = self.pending
        last = self.parts[-1] if self.parts else Part("", "")
        if pending.by or pending.negated or pending.compare or pending.number is not None:
            raise UnreadableError(f"I do not know what “{' '.join(pending.said) or last.said}” belongs to")
        if self.long is not None:
            if pending.function not in (None, "avg", "median"):
                raise UnreadableError("it does not say which figure it asks for")
            return
        if pending.function is not None and not (pending.function == "sum"):
            raise UnreadableError("it does not say which figure it asks for")
        if pending.function == "sum" and not (self.figures or self.counted or (pending.amount and self.conditions)):
            raise UnreadableError("it does not say which figure it asks for")
        if pending.distinct or (pending.count and not self.conditions):
            raise UnreadableError("it does not say what to count")

    def _complete(self) -> Asked:
        figures = list(self.figures)
        nouns = [table for _, table, _ in self.nouns]
        if self.counted is not None and self.counted not in figures:
            figures = [self.counted, *figures]
        listed: str | None = None
        if self.long is not None:
            return self._duration()
        if self.overdue_at is not None:
            self._overdue(nouns[0] if nouns else figures[0].table if figures else None, self.overdue_at)
        if self.rank in ("#dear", "#cheap"):
            figures.append(self._price([*(m.table for m, _ in self.groups), *nouns]))
        elif self.pending.amount and not figures and not self.groups and len(self.conditions) == 1 and not self.windows:
            figures.append(self._price([self.conditions[0].column.table]))
        if self.columns and not figures and not nouns and not self.groups and self.events and not self.listed:
            self.groups = [(meaning, said) for _, meaning, said in self.columns]
            self.columns = []
        if self.columns and (not self.listed or figures or self.groups):
            raise UnreadableError(f"I do not know how “{self.columns[0][2]}” belongs to the rest")
        if self.when and self.moment is None:
            raise UnreadableError("it does not say of which event the time is asked")
        if self.moment is not None:
            if figures and not (self.counted and len(figures) == 1):
                raise UnreadableError("I do not know what “first” or “last” belongs to")
            figures = []
            if not nouns or self.groups or self.grain:
                raise UnreadableError("I do not know what “first” or “last” belongs to")
        elif not figures and not self.share and not self._is_completed_later(nouns):
            figures, listed = self._implied(nouns)
        if self.share and not figures:
            figures = self._shared(nouns)
        base = figures[0].table if figures else listed or (nouns[0] if nouns else None)
        if base is None and not self.incomplete:
            raise UnreadableError("it names nothing that I can count or add up")
        if self.now:
            self._check_now(base, figures)
        if self.at_end and not (figures and all(f.column is not None and f.column.level for f in figures)):
            raise UnreadableError("only a balance or another level is known at the end of a time")
        if self.rank is not None and self.rank in ("#best", "#worst") and not self.figures:
            raise UnreadableError("it does not say by which figure the best are meant")
        extreme = self.rank is not None and not self.groups and not self.grain and not self.weekday
        if extreme:
            figures = [self._extreme(figure) for figure in figures]
        if self.develops and not self.grain:
            rolling = next((d.rolling for d in self.windows if d.rolling), None)
            if rolling is None:
                raise UnreadableError("it does not say over which periods: by day, week, month, quarter or year")
            self.grain = rolling[1]
        adverb = any(part.kind == "grain" and part.said.casefold() in _ADVERBS for part in self.parts)
        if adverb and any(
            f.function == "avg" and f.column is not None and f.column.aggregation == "sum" for f in figures
        ):
            raise UnreadableError("it is not clear what the average is of: of the rows, or of the periods")
        if self.averaged_count and self.per is None:
            raise UnreadableError("it does not say per what the average number is meant")
        if len({(f.function, f.table, f.column) for f in figures}) < len(figures):
            raise UnreadableError("it asks for the same figure twice")
        joined = self.compares or all("and" in self.parts[window.at].lead for window in self.windows[1:])
        if len({w.clock for w in self.windows}) < len(self.windows) and not joined:
            raise UnreadableError("it names several times; I cannot tell how they belong together")
        events = [*self.events, *(self._mentioned(base) if base is not None else ())]
        return Asked(
            figures=tuple(figures),
            groups=tuple(meaning for meaning, _ in self.groups),
            group_words=tuple(said for _, said in self.groups),
            grain=self.grain,
            weekday=self.weekday,
            conditions=tuple(self.conditions),
            windows=tuple(self.windows),
            events=tuple(events),
            descending=None if self.rank is None or extreme else _RANKS[self.rank],
            limit=self._rows(listed),
            each=tuple(self.each),
            share=self.share,
            numerator_from=self._numerator_from(),
            per=self.per,
            listed=listed,
            shown=tuple(meaning.of for _, meaning, _ in self.columns),
            moment=self.moment,
            new=self.new,
            compares=self.compares,
        )

    def _after(self, index: int, part: Part) -> None:
        """Keep rows whose event came after another one of theirs: "paid after the due date"."""
        before = self.conditions[-1] if self.conditions else None
        after = self.choice[index + 1] if index + 1 < len(self.choice) else None
        if before is None or before.at != index - 1 or before.operator != "set" or after is None:
            raise _left(part)
        if after.kind != "event" or after.table != before.column.table or after.column == before.column:
            raise _left(part)
        said = f"{before.said} {part.said} {self.parts[index + 1].said}"
        self.conditions[-1] = Condition(before.column, ">", (), index, said, after.of)
        self.used.add(index + 1)

    def _overdue(self, table: str | None, at: int) -> None:
        """Keep rows whose due date has passed and whose event, such as a payment, has not happened."""
        columns = self.catalog.tables[table].columns if table is not None else ()
        due = [c for c in columns if c.role == "time" and "due" in c.name.split("_")]
        undone = [c for c in columns if c.empty_means]
        if len(due) != 1 or len(undone) != 1:
            raise UnreadableError("it does not say of which rows with a due date “overdue” is meant")
        if self.windows:
            raise UnreadableError("I do not know which date the time belongs to: the due date, or another one")
        self.conditions.append(Condition(undone[0], "unset", (), at, "overdue"))
        self.windows.append(Dated(Window(end=Moment(), words="overdue"), due[0], at=at))

    def _check_now(self, base: str | None, figures: list[Figure]) -> None:
        """Refuse "how many members do we have now?": it needs the state that they are in now, if the data have one."""
        if base is None:
            raise UnreadableError("it does not say what is asked of now")
        near = [t for t in self.catalog.tables.values() if self.catalog.reaches(t.name, base)]
        ends = any(c.state_today or c.empty_means for table in near for c in table.columns)
        stands = any(c.column.state_today or c.column.type == "BOOL" or c.column.empty_means for c in self.conditions)
        level = any(f.column is not None and (f.column.level or f.column.state_today) for f in figures)
        if ends and not (stands or level):
            raise UnreadableError(f"it does not say which state of the {_readable(base)} counts as now")

    def _implied(self, nouns: list[str]) -> tuple[list[Figure], str | None]:
        """Return what a question without a figure asks: to count its noun, or to list it."""
        if self.groups and not self.grain and self.rank is None and not nouns and _lists(self.parts, self.groups):
            meaning = self.groups[0][0]
            if len(self.groups) == 1 and (meaning.kind == "table" or self.events or self.conditions):
                if meaning.kind == "table":
                    self.groups = []
                    return [], meaning.table
                return [], meaning.table
            raise UnreadableError("it does not say which figure it asks for")
        if self.rank is not None and self.groups and nouns:
            return [Figure("count", nouns[0], said=self.nouns[0][2])], None
        if self.rank is not None:
            raise UnreadableError("it does not say by which figure to rank")
        happened = [c for c in self.conditions if c.operator in ("set", "unset") or c.column.type == "BOOL"]
        if not nouns and not self.events and len(happened) == 1 and not self.listed:
            event = happened[0].column
            if happened[0].operator == "set":
                self.windows = [replace(window, clock=window.clock or event) for window in self.windows]
            return [Figure("count", event.table, said=happened[0].said)], None
        if self.conditions and not nouns and not self.groups:
            raise UnreadableError("it does not say what to count or add up")
        if not nouns:
            raise UnreadableError("it names nothing that I can count or add up")
        table = self.catalog.tables[nouns[0]]
        label = table.label
        many = any(event.operator in (">", ">=") and event.number > 1 for event in self.events)
        grouped = bool(self.groups or self.grain or self.weekday)
        names = (self.listed and not grouped) or (
            not grouped
            and bool(self.events)
            and table.event_time is None
            and (many or (label is not None and label.role == "dimension"))
        )
        if names:
            return [], nouns[0]
        return [Figure("count", nouns[0], said=self.nouns[0][2])], None

    def _shared(self, nouns: list[str]) -> list[Figure]:
        if nouns:
            return [Figure("count", nouns[0], said=self.nouns[0][2])]
        flags = [c for c in self.conditions if c.column.type == "BOOL"]
        if len(flags) == 1:
            return [Figure("count", flags[0].column.table, said=flags[0].said)]
        raise UnreadableError("it does not say what the share is of")

    def _numerator_from(self) -> int:
        """Return the place from which conditions belong to the part of a share; those before restrict the whole."""
        if not self.share or len(self.conditions) + len(self.events) <= 1:
            return 0
        if self.copula_at is None:
            raise UnreadableError("it is not clear which of the conditions the share is of")
        return self.copula_at

    def _extreme(self, figure: Figure) -> Figure:
        """Return the largest or smallest value of a figure that is ranked without a group."""
        if figure.column is None or figure.function is not None:
            raise UnreadableError("it does not say what to rank")
        owner = set(stems_of(figure.table))
        if figure.column.aggregation == "sum" and not owner & set(stems_of(figure.said)) and self.rank in _RANKS:
            named = {table for _, table, _ in self.nouns}
            if figure.table not in named and not (set(stems_of(figure.column.name)) & set(stems_of(figure.said))):
                raise UnreadableError(f"it does not say whose highest or lowest {figure.said} is meant")
        return replace(figure, function="max" if self.rank is not None and _RANKS[self.rank] else "min")

    def _price(self, tables: list[str]) -> Figure:
        for name in tables:
            prices = [
                c
                for c in self.catalog.tables[name].columns
                if c.role == "measure"
                and any(stems_of(text)[-1:] == ("price",) for text in (c.name.replace("_", " "), *c.synonyms))
            ]
            if len(prices) == 1:
                return Figure(None, name, prices[0], said="price")
        raise UnreadableError("it does not say what is cheap or expensive by which figure")

    def _rows(self, listed: str | None) -> int | None:
        if self.limit is not None or self.rank is None or listed:
            return self.limit
        asked = [part for part in self.parts if part.said in {said for _, said in self.groups}]
        plural = re.compile("[^s]s$", re.IGNORECASE)
        singular = bool(asked) and not plural.search(asked[0].said)
        return 1 if singular or ((self.grain or self.weekday) and not self.groups) else None

    def _is_completed_later(self, nouns: list[str]) -> bool:
        """Return whether a follow-up names no figure and no noun, so that it takes them from the question before it."""
        return self.incomplete and not nouns and self.rank is None

    def _mentioned(self, base: str) -> list[Events]:
        """Return the nouns that are neither counted nor grouped: they must have rows that belong to what is asked."""
        known = {base, *(event.table for event in self.events), *(f.table for f in self.figures)}
        return [Events(table, ">=", 1, None, False, at, said) for at, table, said in self.nouns if table not in known]

    def _says_from_to(self, first: Meaning, second: Meaning) -> bool:
        """Return whether the events are said as "from ... to ..." or "between ... and ..."."""
        leads = {
            meaning: set(part.lead)
            for part, meaning in zip(self.parts, self.choice, strict=True)
            if meaning is not None
        }
        return bool({"from", "between"} & leads[first]) and bool({"to", "until", "and"} & leads[second])

    def _duration(self) -> Asked:
        ends = self.long_events
        if self.now or self.at_end or self.overdue_at is not None:
            raise UnreadableError("it is not clear of which rows the time is meant")
        if self.figures or self.events or self.share or not 1 <= len(ends) <= 2:
            raise UnreadableError("it does not say between which two events the time is meant")
        last = ends[-1]
        start = ends[0].of if len(ends) == 2 else None
        if len(ends) == 2 and not self._says_from_to(*ends):
            raise UnreadableError("it does not say from which event to which the time is meant")
        if len(ends) == 2 and ends[0].table != last.table:
            raise UnreadableError("the two events are not of one table")
        unit: Literal["day", "hour"] | None = (
            "day" if "day" in (self.long or "") else "hour" if "hour" in (self.long or "") else None
        )
        others = [
            Events(table, ">=", 1, None, False, at, said) for at, table, said in self.nouns if table != last.table
        ]
        return Asked(
            figures=(
                Figure(
                    self.long_function or self.pending.function or "avg",
                    last.table,
                    last.of,
                    said=f"time to {last.of.name}",
                ),
            ),
            groups=tuple(meaning for meaning, _ in self.groups),
            group_words=tuple(said for _, said in self.groups),
            grain=self.grain,
            weekday=self.weekday,
            conditions=tuple(self.conditions),
            windows=tuple(self.windows),
            events=tuple(others),
            descending=None if self.rank is None else _RANKS[self.rank],
            limit=self._rows(None),
            duration=(start, last.of),
            duration_unit=unit,
        )


def _lists(parts: tuple[Part, ...], groups: list[tuple[Meaning, str]]) -> bool:
    """Return whether the only group is what a question lists ("which customers ..."), not a "by"."""
    said = groups[0][1]
    at = next(index for index, part in enumerate(parts) if part.said == said)
    return len(groups) == 1 and not (at and parts[at - 1].kind == "#by")


def _documents_of(part: Part, catalog: Catalog) -> list[CatalogTable]:
    """Return the tables whose name a verb has: "invoiced" is said of invoices."""
    said = set(stems_of(part.said))
    return [t for t in catalog.tables.values() if any(said <= set(stems_of(name)) for name in (t.name, *t.synonyms))]


def _left(part: Part) -> UnreadableError:
    return UnreadableError(f"I do not know what “{part.said}” asks for here")


def _asks_which(part: Part) -> bool:
    """Return whether "which" or "what" asks for this name: "which of our stores", not "what is the revenue"."""
    return bool({"which", "what"} & set(part.lead)) and not (_COPULAS & set(part.lead))


def _says_each(parts: tuple[Part, ...], part: Part) -> bool:
    """Return whether the marker before a name is "in each" or "per", not the "by" of a ranking."""
    at = parts.index(part)
    return (
        at > 0
        and parts[at - 1].kind == "#by"
        and ("each" in parts[at - 1].said or "every" in parts[at - 1].said or parts[at - 1].said == "per")
    )


def _readable(name: str) -> str:
    return name.replace("_", " ")
