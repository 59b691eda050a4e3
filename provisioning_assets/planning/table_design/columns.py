"""Turns columns of a blueprint into the data model's columns, with the generators that the synthesis executes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from provisioning_assets.artefact import Document
from provisioning_assets.data_model import generators as language
from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Place
from provisioning_assets.data_model.tables import Column
from provisioning_assets.planning.blueprint_columns import (
    NEAR_KM,
    AddressSettings,
    AfterSettings,
    ArrivalSettings,
    BeforeSettings,
    BlueprintColumn,
    CategoryCases,
    EarlierDays,
    Gamma,
    Grid,
    LogNormal,
    MomentSettings,
    MonthCases,
    NearSettings,
    Normal,
    NumberCases,
    OrderedKey,
    PersonSettings,
    Poisson,
    ReferenceSettings,
    RenewalPart,
    RenewalSettings,
    SharedTextSettings,
    TextSettings,
    Uniform,
    Value,
    ValueCases,
    WeightCases,
)
from provisioning_assets.planning.blueprint_rows import RowsOfWords
from provisioning_assets.planning.filling import Filling
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.shared_words import (
    NamedCalendar,
    RhythmKind,
    calendar_named,
    named_rhythm,
    peak_named,
)
from provisioning_assets.planning.table_design.bands import Band, band_of, gap_between, is_band, overlap_of
from provisioning_assets.planning.table_design.category import category_values, weights_of
from provisioning_assets.planning.table_design.draft import SEPARATOR, DesignError, Draft, address_of, address_part
from provisioning_assets.planning.table_design.expressions import NUMBERS, Expressions, case_expression
from provisioning_assets.planning.table_design.labels import ColumnLabels
from provisioning_assets.planning.table_design.money import COARSE_LEVEL, level_of, usual_amount
from provisioning_assets.planning.table_design.roll_ups import roll_up_of
from provisioning_assets.planning.table_design.texts import without_alternatives, written_out
from provisioning_assets.planning.table_design.types import ColumnTypes
from provisioning_assets.planning.words import row_expression_literal
from provisioning_assets.planning.written import OwnAmount, settings_of

PLACEHOLDER_PATH = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\}")
"""A path in a free text, such as ``{order_id.city}``."""

PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
"""A column, or a path to one; any other text that decides is an expression."""

SECOND = {"lognormal": "sigma", "normal": "sd", "uniform": "high", "gamma": "shape"}
"""Distribution -> the blueprint's name of its second parameter."""

JOINT = " / "
"""Separates the values of two columns that decide together."""

KEY = re.compile(r"(?P<prefix>.*?)(?P<digits>\d+)", re.DOTALL)


@dataclass(frozen=True)
class Cases:
    """A number of the data model that may depend on a column: its base value, and a number for values of the column."""

    base: float
    by: str | None
    cases: dict[str, float]

    def fields(self, name: str) -> dict[str, Any]:
        """The fields of a generator of the data model that hold this number."""
        return {name: self.base} if self.by is None else {name: self.base, "by": self.by, f"{name}_by": self.cases}

    def number(self) -> float | dict[str, Any]:
        """The number as one field of the data model, which may hold cases (``NumberByCase``)."""
        return self.base if self.by is None else {"by": self.by, "cases": self.cases, "otherwise": self.base}


@dataclass(frozen=True)
class Decided:
    """Cases of a setting: values of some columns of a table, joined by ``JOINT``.

    ``complete`` says that every value has a result: a case, ``otherwise``, or a default that the format promises.
    """

    table: str
    columns: tuple[str, ...]
    cases: tuple[str, ...]
    place: Place
    complete: bool


class Columns:
    """Makes the data model's columns of one draft. ``decided`` are the settings that depend on other columns."""

    def __init__(
        self,
        draft: Draft,
        expressions: Expressions,
        types: ColumnTypes,
        labels: ColumnLabels,
        filling: Filling,
        market: Market,
    ) -> None:
        self.draft = draft
        self.expressions = expressions
        self.types = types
        self.labels = labels
        self.filling = filling
        self.market = market
        self.decided: list[Decided] = []

    def column(self, table: str, name: str) -> Column:
        """One column of the data model.

        Raises:
            DesignError: the column cannot be made; with its place in the blueprint.
        """
        written, place = self.draft.columns[table][name], self.draft.places[table, name]
        kind = self.types.of(table, name)
        labels = self.labels.of(table, name)
        return valid(
            Column,
            {
                "name": name,
                "type": kind,
                "description": labels.description,
                "synonyms": labels.synonyms,
                "role": labels.role,
                "aggregation": labels.aggregation,
                "unit": labels.unit,
                "generator": self._generator(table, name, written, kind, place),
                "usually": self._usually(table, written, (*place, "usually")),
                "null_share": written.null_share,
                "internal": not self.draft.is_stored(table, name),
                "rhythm": written.rhythm,
                "source_generators": self._by_source(table, written, kind, place),
            },
            place,
        )

    def _usually(self, table: str, written: BlueprintColumn, place: Place) -> dict[str, Any] | None:
        """The habit of a column; None if it has none."""
        usually = written.usually
        if usually is None:
            return None
        return {
            "column": self.draft.reach(table, usually.path, (*place, "path")),
            "share": self.number(table, usually.share, (*place, "share")),
        }

    def _by_source(
        self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place
    ) -> dict[int, Document]:
        """The generators of a column by the number of the source, for a table with several sources."""
        made: dict[int, Document] = {}
        for source, other in written.by_source.items():
            here = (*place, "by_source", source)
            if not source.isdigit():
                raise DesignError(
                    here,
                    f"'{source}' is not the number of a source.",
                    "Write its position in `sources`, counted from 0.",
                )
            if other is not None and other.usually is not None:
                raise DesignError(
                    (*here, "usually"),
                    "The rows of one source cannot have a habit of their own.",
                    "Write `usually` for the column, or use an expression with a `flag` helper.",
                )
            if other is None or other.generator is None:
                made[int(source)] = language.Expression(sql="null")
            elif isinstance(other.from_, str):
                through, column = self.draft.one_step(table, other.from_, (*here, "from"))
                made[int(source)] = valid(language.Lookup, {"through": through, "column": column}, here)
            else:
                made[int(source)] = self._with_settings(table, other, kind, here)
        return made

    def _generator(
        self, table: str, name: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place
    ) -> Document:
        if written.generator is None:
            return language.FromRecord()
        if written.from_ is not None:
            return self._looked_up(table, name, (*place, "from"))
        return self._with_settings(table, written, kind, (*place, written.generator))

    def _with_settings(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        """The generator that the method ``_<name>`` makes, or one of ``PLAIN``; ``place`` is that of the settings."""
        make: Callable[..., Document] | None = getattr(self, f"_{written.generator}", None)
        return PLAIN[written.generator or ""]() if make is None else make(table, written, kind, place)

    # --- keys, references, look-ups ---

    def _key(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        first, order = written.first_key, None
        if isinstance(written.key, OrderedKey):
            order = self.draft.reach(table, written.key.in_order_of, (*place, "in_order_of"))
        if isinstance(first, int):
            return language.Sequence(start=first, in_order_of=order)
        found = KEY.fullmatch(first or "")
        if found is None:
            raise DesignError(
                place, f"'{first}' cannot be the first key.", "Write a key such as 1001, S-70001 or ORD-000001."
            )
        digits = found["digits"]
        width = len(digits) if digits.startswith("0") else 0
        return language.Sequence(start=int(digits), prefix=found["prefix"], width=width, in_order_of=order)

    def _reference(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        settings = written.reference
        if not isinstance(settings, ReferenceSettings):
            return language.Reference(table=settings or "")
        other = settings.table
        values = settings_of(settings, "at", "weight", "since", "until", "match", "near")
        for field in ("since", "until"):
            values[field] = self._reached(other, getattr(settings, field), (*place, field))
        values |= self._weight(table, other, settings.weight, (*place, "weight"))
        values["at"] = self._reached(table, settings.at, (*place, "at"))
        if settings.near is not None:
            values["near"] = self._near_rows(table, other, settings.near, (*place, "near"))
        values["match"] = {
            self.draft.reach(table, own, (*place, "match", own)): self.draft.reach(other, their, (*place, "match", own))
            for own, their in settings.match.items()
        }
        return valid(language.Reference, values, place)

    def _near_rows(self, table: str, other: str, near: bool | str | NearSettings, place: Place) -> dict[str, Any]:
        settings = near if isinstance(near, NearSettings) else NearSettings(to=near if isinstance(near, str) else None)
        latitude, longitude = self._place_of(table, settings.to, place)
        their_latitude, their_longitude = self.draft.position(self.draft.existing_table(other, place), place)
        return {
            "latitude": latitude,
            "longitude": longitude,
            "within_km": settings.within,
            "their_latitude": their_latitude,
            "their_longitude": their_longitude,
        }

    def _place_of(self, table: str, through: str | None, place: Place) -> tuple[str, str]:
        """The columns with the coordinates of a row, or of the row that a foreign key leads to."""
        if through is None:
            return self.draft.position(table, place)
        key = self.draft.reach(table, through, place)
        target = self.draft.points_to(table, key)
        if target is None:
            raise DesignError(
                place, f"'{through}' is not a foreign key.", "Name a foreign key to a table whose rows have a place."
            )
        latitude, longitude = self.draft.position(target, place)
        return (
            self.draft.reach(table, f"{through}.{latitude}", place),
            self.draft.reach(table, f"{through}.{longitude}", place),
        )

    def _weight(self, table: str, other: str, weight: Any, place: Place) -> dict[str, Any]:
        """The fields of a reference that say how often rows of the other table are chosen."""
        written = weight if isinstance(weight, list) else [] if weight is None else [weight]
        plain = [each for each in written if isinstance(each, str)]
        cases = [each for each in written if isinstance(each, WeightCases)]
        if len(cases) > 1:
            raise DesignError(
                place,
                "More than one of the weights goes `by` a column of this table.",
                "Write one of them with two columns: `by: [one, other]`, with cases such as 'a / b'.",
            )
        if not cases:
            return {"weight": self._product(other, plain, place)}
        found = cases[0].cases()
        by = self.deciding(table, cases[0].by, found, place, complete=cases[0].otherwise is not None)
        columns = {case: self._product(other, [*plain, path], (*place, case)) for case, path in found.items()}
        otherwise = cases[0].otherwise or next(iter(found.values()), None)  # without `otherwise` every value has a case
        if otherwise is None:
            raise DesignError(place, "`by` is given without cases.", "Write `value: column` for each value.")
        return {
            "weight": self._product(other, [*plain, otherwise], (*place, "otherwise")),
            "by": by,
            "weight_by": columns,
        }

    def _product(self, table: str, paths: list[str], place: Place) -> str | None:
        """The column that holds a weight, or the product of several weights, of which a negative one counts as 0."""
        names = tuple(self.draft.reach(table, path, place) for path in paths)
        if len(names) < 2:
            return names[0] if names else None
        sql = " * ".join(f"greatest({name}, 0)" for name in names)
        return self._computed(table, (sql,), f"{SEPARATOR}times{SEPARATOR}".join(names), sql, place, "FLOAT64")

    def _looked_up(self, table: str, name: str, place: Place) -> Document:
        step = self.draft.step(table, name)
        return valid(
            language.Lookup,
            {"through": step.through, "column": step.column, "history": step.history, "at": step.at},
            place,
        )

    def _rollup(self, _table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        rolled = roll_up_of(written, place)
        child = self.draft.existing_table(rolled.table, place)
        return valid(
            language.RollUp,
            {
                "table": child,
                "function": rolled.function,
                "column": self._reached(child, rolled.column, place),
                "where": None
                if rolled.where is None
                else self.expressions.over(child, rolled.where, (*place, "where")),
            },
            place,
        )

    # --- drawn values ---

    def _category(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        category: Any = written.category
        values: list[Value] = category_values(category)
        if kind == "STRING":
            values = [*map(str, values)]
        if not isinstance(category, CategoryCases):
            return valid(language.Category, {"values": values, "weights": weights_of(category, values)}, place)
        cases = {case: weights_of(weights, values) for case, weights in category.cases().items()}
        base = (
            weights_of(category.otherwise, values)
            if category.otherwise
            else [sum(each) for each in zip(*cases.values(), strict=True)]
        )
        by = self.deciding(table, category.by, cases, place, complete=category.otherwise is not None)
        return valid(language.Category, {"values": values, "weights": base, "by": by, "weights_by": cases}, place)

    def _flag(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        return valid(language.Flag, self._cases(table, written.flag, place, 0.0).fields("rate"), place)

    def _value(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        cases = written.value or ValueCases(by="")
        by = self.deciding(table, cases.by, cases.cases(), place, complete=True)
        results = {case: self._constant(value, kind) for case, value in cases.cases().items()}
        otherwise = "null" if cases.otherwise is None else self._constant(cases.otherwise, kind)
        sql = case_expression(by, results, otherwise, self.types.of(table, by), place)
        return valid(language.Expression, {"sql": self.expressions.over(table, sql, place), "decimals": None}, place)

    def _constant(self, value: Any, kind: GoogleSqlType) -> str:
        if isinstance(value, str):
            return row_expression_literal(value)
        if isinstance(value, bool):
            return str(value).lower()
        return repr(usual_amount(value, self.market) if kind == "NUMERIC" else value)

    def _lognormal(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        drawn = written.lognormal or LogNormal(median=1)
        return self._number(table, drawn, "lognormal", drawn.median, drawn.sigma, written, kind, place)

    def _normal(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        drawn = written.normal or Normal(mean=0, sd=1)
        return self._number(table, drawn, "normal", drawn.mean, drawn.sd, written, kind, place)

    def _uniform(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        drawn = written.uniform or Uniform(low=0, high=1)
        return self._number(table, drawn, "uniform", drawn.low, drawn.high, written, kind, place)

    def _poisson(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        drawn = written.poisson or Poisson(mean=1)
        return self._number(table, drawn, "poisson", drawn.mean, 0.0, written, kind, place)

    def _gamma(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        drawn = written.gamma or Gamma(mean=1)
        return self._number(table, drawn, "gamma", drawn.mean, drawn.shape, written, kind, place)

    def _number(
        self,
        table: str,
        drawn: Any,
        distribution: str,
        a: Any,
        b: Any,
        written: BlueprintColumn,
        kind: GoogleSqlType,
        place: Place,
    ) -> Document:
        first = self._cases(table, a, place)
        values: dict[str, Any] = {
            "distribution": distribution,
            **first.fields("a"),
            "b": self.number(table, b, (*place, SECOND.get(distribution, "b"))),
            "minimum": self.number(table, drawn.minimum, (*place, "minimum")),
            "maximum": self.number(table, drawn.maximum, (*place, "maximum")),
            "decimals": self._decimals(drawn.decimals if drawn.decimals is not None else written.decimals, kind),
            "times": self._times(table, drawn.times, (*place, "times")),
        }
        together = getattr(drawn, "goes_with", None)
        if together is not None:
            values["correlation"] = {"column": together.column, "rho": together.rho}
        if kind == "NUMERIC" and not isinstance(drawn.times, str):  # an expression may be money already
            values = self._scaled(
                values, {"a", "minimum", "maximum"} | ({"b"} if distribution in ("normal", "uniform") else set())
            )
        return valid(language.Number, values, place)

    def _times(self, table: str, times: Any, place: Place) -> str | None:
        if not isinstance(times, NumberCases):
            return None if times is None else self.expressions.over(table, times, place)
        by = self.deciding(table, times.by, times.cases(), place, complete=True)
        factors = {case: repr(factor) for case, factor in times.cases().items()}
        otherwise = 1.0 if times.otherwise is None else times.otherwise
        sql = case_expression(by, factors, repr(otherwise), self.types.of(table, by), place)
        return self.expressions.over(table, sql, place)

    def _company(self, _table: str, written: BlueprintColumn, _kind: GoogleSqlType, _place: Place) -> Document:
        return language.Company(trade=written.company is True)

    def _price(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        settings = written.price
        assert settings is not None  # noqa: S101  (the caller chose by it)
        values = {
            **self._cases(table, settings.median, (*place, "median")).fields("median"),
            "sigma": self.number(table, settings.sigma, (*place, "sigma")),
            "minimum": settings.minimum,
            "maximum": settings.maximum,
        }
        if kind == "NUMERIC":
            values = self._scaled(values, {"median", "minimum", "maximum"})
            rows = self.draft.tables[table].rows
            if isinstance(rows, RowsOfWords) and written is self.draft.columns[table].get(rows.prices or ""):
                level = level_of(self.known_prices(rows), values["median"])
                values = _multiplied(values, {"median", "minimum", "maximum"}, level)
        own_endings = settings.endings if self.market.price_level == 1 else []
        values["endings"] = own_endings or list(self.market.endings)
        return valid(language.Price, values, place)

    def known_prices(self, rows: RowsOfWords) -> Mapping[str, float]:
        """The customer's own prices of the words of these rows; with dealt prices, only if all prices are known."""
        known = self.filling.words.prices.get(rows.each, {})
        whole = len(known) == len(self.filling.words.slots.get(rows.each, []))
        return known if whole or not rows.deals_prices else {}

    def _walk(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        settings = written.walk
        assert settings is not None  # noqa: S101  (the caller chose by it)
        values: dict[str, Any] = {
            "base": self.draft.reach(table, settings.base, (*place, "base")),
            "anchor": settings.anchor,
            "months": weights_of_rhythm("months", settings.season),
            "decimals": self._decimals(written.decimals, kind),
        }
        for field in ("growth", "sigma", "pull", "noise"):
            values[field] = self.number(table, getattr(settings, field), (*place, field))
        if settings.season is not None:
            values["at"] = self.draft.reach(table, settings.at or self._own_moment(table, place), (*place, "at"))
        elif settings.at is not None:
            raise DesignError((*place, "at"), "`at` is given without `season`.", "Give a season, or drop `at`.")
        return valid(language.Walk, values, place)

    def _own_moment(self, table: str, place: Place) -> str:
        """The column with the moment of a table's rows: the first day of the period, when the state began, or the event_time."""
        by_generator = {column.generator: name for name, column in reversed(self.draft.columns[table].items())}
        found = by_generator.get("period_start") or by_generator.get("entered_at")
        found = found or self.draft.tables[table].event_time
        if found is None:
            raise DesignError(
                (*place, "season"), f"The rows of {table} have no moment whose month counts.", "Name one in `at`."
            )
        return found

    def _decimals(self, decimals: int | None, kind: GoogleSqlType) -> int | None:
        """The decimals of a computed amount: none if the market's amounts are in whole units."""
        return 0 if decimals is not None and kind == "NUMERIC" and self.market.price_level >= COARSE_LEVEL else decimals

    def _scaled(self, values: dict[str, Any], amounts: set[str]) -> dict[str, Any]:
        return _multiplied(values, amounts, self.market.price_level)

    # --- people, places, words ---

    def _person(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        settings = written.person
        if not isinstance(settings, PersonSettings):
            return valid(language.Person, {"part": settings}, place)
        company = self._reached(table, settings.company, (*place, "company"))
        return valid(language.Person, settings_of(settings, "company") | {"company": company}, place)

    def _address(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        values: dict[str, Any] = {"part": address_part(written), "of": address_of(written)}
        whole = [column for column in self.draft.columns[table].values() if column.address is not None]
        given = [
            column.address
            for column in whole
            if isinstance(column.address, AddressSettings) and column.address.of == values["of"]
        ]
        near = {(each.near, each.within or NEAR_KM) for each in given if each.near is not None}
        if len(near) > 1:
            raise DesignError(
                (*place, "near"), "The address is near several places.", "Write `near` in one column of the address."
            )
        own = written.address if isinstance(written.address, AddressSettings) else None
        if own is not None and own.within is not None and own.near is None:
            raise DesignError(
                (*place, "within"), "`within` says how far from what `near` names.", "Give both, or neither."
            )
        for through, within in near:
            latitude, longitude = self._place_of(table, through, (*place, "near"))
            values["near"] = {"latitude": latitude, "longitude": longitude, "within_km": within}
        return valid(language.Address, values, place)

    def _text(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        """A text grammar. ``{name}`` is one of its parts, else a column of the row; ``{slot}`` draws a word of the slot."""
        given = written.text
        if isinstance(given, SharedTextSettings):
            settings = written_out(table, given, self.draft, self.types, self.filling, place)
        elif isinstance(given, TextSettings):
            settings = given
        else:
            settings = TextSettings(templates=[given] if isinstance(given, str) else list(given or []))
        settings = without_alternatives(settings)
        columns = self.draft.columns[table]
        slots = self.filling.words.slots
        drawn = {
            name: list(words) for name, words in slots.items() if name not in settings.parts and name not in columns
        }
        keep = frozenset([*settings.parts, *drawn, *columns])

        def ready(texts: list[str], *where: str) -> list[str]:
            filled = self.filling.texts(texts, (*place, *where), keep)
            return [
                PLACEHOLDER_PATH.sub(lambda found: f"{{{self.draft.reach(table, found[1], place)}}}", text)
                for text in filled
            ]

        by = {
            case: ready(texts, "templates_by", written_case)
            for written_case, texts in settings.templates_by.items()
            for case in self.filling.texts([written_case], (*place, "templates_by"), frozenset())
        }
        parts = {name: ready(texts, "parts", name) for name, texts in settings.parts.items()}
        templates = ready(settings.templates, "templates") or next(iter(by.values()), [])
        everything = str([templates, by, parts])
        used = {name: words for name, words in drawn.items() if f"{{{name}}}" in everything}
        values: dict[str, Any] = {"templates": templates, "templates_by": by, "parts": {**used, **parts}}
        if settings.by is not None:
            values["by"] = self.deciding(table, settings.by, by, (*place, "templates_by"), complete=True)
        return valid(language.Text, values, place)

    # --- moments ---

    def _arrival(self, _table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        settings = written.arrival if isinstance(written.arrival, ArrivalSettings) else ArrivalSettings()
        values: dict[str, Any] = {
            "growth_per_year": settings.growth,
            "peaks": self._peaks(settings.peaks),
            "day_noise": settings.day_noise,
            **_earlier(settings.before_history),
            "snap": _snap(settings.snap),
        }
        values |= {name: given for name, given in _opening(settings).items() if given is not None}
        if settings.season is not None:
            values["months"] = weights_of_rhythm("months", settings.season)
        return valid(language.Arrival, values, place)

    def _peaks(self, given: list[str] | dict[str, float] | None) -> list[Document]:
        """The peaks that the customer's country has, with the factors that are given."""
        factors = given if isinstance(given, dict) else {}
        found = [(name, peak_named(name).in_country(name, self.market.country)) for name in given or ()]
        return [
            peak.model_copy(update={"factor": factors.get(name, peak.factor)})
            for name, peak in found
            if peak is not None
        ]

    def _after(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        settings = written.after
        assert settings is not None  # noqa: S101  (the caller chose by it)
        return valid(language.After, self._apart(table, settings, place), place)

    def _before(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        settings = written.before
        assert settings is not None  # noqa: S101  (the caller chose by it)
        not_before = self._reached(table, settings.not_before, (*place, "not_before"))
        return valid(language.Before, self._apart(table, settings, place) | {"not_before": not_before}, place)

    def _moment(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        settings = (
            written.moment if isinstance(written.moment, MomentSettings) else MomentSettings(sql=written.moment or "")
        )
        sql = self.expressions.over(table, settings.sql, place)
        return valid(language.Moment, {"sql": sql, "snap": _snap(settings.snap), **_waiting(settings)}, place)

    def _first_of(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        return valid(language.FirstOf, {"part": "moment", "moments": self._causes(table, written, place)}, place)

    def _cause_of(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        of = self.draft.existing_column(table, written.cause_of or "", place)
        other = self.draft.columns[table][of]
        if other.first_of is None:
            raise DesignError(
                place, f"'{of}' is not generated by `first_of`.", "Name a column that is generated by `first_of`."
            )
        return valid(language.FirstOf, {"part": "cause", "moments": self._causes(table, other, place)}, place)

    def _causes(self, table: str, written: BlueprintColumn, place: Place) -> dict[str, str]:
        return {
            cause: self.draft.reach(table, path, (*place, cause)) for cause, path in (written.first_of or {}).items()
        }

    def _renewal(self, table: str, written: BlueprintColumn, _kind: GoogleSqlType, place: Place) -> Document:
        given, part, of = written.renewal, "ended", None
        if isinstance(given, RenewalPart):
            part, of = given.part, self.draft.existing_column(table, given.of, (*place, "of"))
            given = self.draft.columns[table][of].renewal
        if not isinstance(given, RenewalSettings):
            raise DesignError(
                (*place, "of"),
                "The column has no `renewal` with a start.",
                "Name the column that has the contract's settings in `renewal`.",
            )
        leave = self._cases(table, given.leave, (*place, "leave"))
        values: dict[str, Any] = {
            "part": part,
            "of": of or next(name for name, column in self.draft.columns[table].items() if column is written),
            "start": self.draft.reach(table, given.start, (*place, "start")),
            "leave": leave.base,
            "leave_case": leave.by,
            "leave_by": leave.cases,
        }
        if isinstance(given.every, MonthCases):
            values["by"] = self.deciding(table, given.every.by, given.every.cases(), (*place, "every"), complete=True)
            values["every_months"] = _months(given.every.otherwise)
            values["every_months_by"] = {case: _months(months) for case, months in given.every.cases().items()}
        else:
            values["every_months"] = _months(given.every)
        return valid(language.Renewal, values, place)

    def _apart(self, table: str, settings: AfterSettings | BeforeSettings, place: Place) -> dict[str, Any]:
        """The settings that a moment after another one and a moment before another one have in common."""
        return {
            "snap": _snap(settings.snap),
            "base": self.draft.reach(table, settings.base, (*place, "base")),
            "unit": settings.unit,
            **self._cases(table, settings.median, (*place, "median")).fields("median"),
            "times": self._times(table, settings.times, (*place, "times")),
            "sigma": self.number(table, settings.sigma, (*place, "sigma")),
            "minimum": self.number(table, settings.minimum, (*place, "minimum")),
            "maximum": self.number(table, settings.maximum, (*place, "maximum")),
            "where": None
            if settings.where is None
            else self.expressions.over(table, settings.where, (*place, "where")),
            "probability": self.number(table, settings.probability, (*place, "probability")),
            **_waiting(settings),
        }

    def _expression(self, table: str, written: BlueprintColumn, kind: GoogleSqlType, place: Place) -> Document:
        sql = self.expressions.over(table, written.expression or "", place)
        return valid(language.Expression, {"sql": sql, "decimals": self._decimals(written.decimals, kind)}, place)

    # --- dependence on another column ---

    def _reached(self, table: str, path: str | None, place: Place) -> str | None:
        return None if path is None else self.draft.reach(table, path, place)

    def _cases(self, table: str, number: Any, place: Place, default: float | None = None) -> Cases:
        """A number that may depend on another column; ``default`` is that of the other values, where the format has one."""
        if isinstance(number, str):
            raise not_a_figure(number, place)
        if not isinstance(number, NumberCases):
            return Cases(number if isinstance(number, OwnAmount) else float(number), None, {})
        cases = number.cases()
        for case, value in (number.__pydantic_extra__ or {}).items():
            if isinstance(value, str):
                raise not_a_figure(value, (*place, case))
        if not cases:
            raise DesignError(
                place, "`by` is given without cases.", "Write `value: number` for each value of that column."
            )
        base = default if number.otherwise is None else number.otherwise
        by = self.deciding(table, number.by, cases, place, complete=base is not None)
        return Cases(next(iter(cases.values())) if base is None else base, by, cases)  # if None, every value has a case

    def number(self, table: str, number: Any, place: Place) -> float | dict[str, Any] | None:
        """A number as one field of the data model, which may hold cases; None if it is left out."""
        return None if number is None else self._cases(table, number, place).number()

    def deciding(self, table: str, by: str | list[str], cases: Iterable[str], place: Place, *, complete: bool) -> str:
        """The column that decides between cases.

        A column is added for an expression, for bands of numbers, and for two columns, whose values it holds: ``a / b``.

        Raises:
            DesignError: a column does not exist, or bands overlap or leave numbers without a result.
        """
        cases = tuple(cases)
        paths = [by] if isinstance(by, str) else by
        parts = [case.split(JOINT) if len(paths) > 1 else [case] for case in cases]
        names = tuple(
            self._banded(
                table,
                self._decided_by(table, path, cases, place),
                list(dict.fromkeys(part[at] for part in parts if len(part) == len(paths))),
                place,
                complete=complete,
            )
            for at, path in enumerate(paths)
        )
        self.decided.append(Decided(table, names, cases, place, complete))
        if len(names) == 1:
            return names[0]
        texts = [name if self.types.of(table, name) == "STRING" else f"cast({name} as text)" for name in names]
        joined = f" || '{JOINT}' || ".join(texts)
        return self._computed(table, names, f"{SEPARATOR}and{SEPARATOR}".join(names), joined, (*place, "by"))

    def _decided_by(self, table: str, by: str, cases: Sequence[str], place: Place) -> str:
        """The column at a path, or a column that is added for an expression; an empty condition counts as false."""
        where = (*place, "by")
        if PATH.fullmatch(by):
            return self.draft.reach(table, by, where)
        sql = self.expressions.over(table, by, where)
        if (table, (sql,)) in self.draft.joined:
            return self.draft.joined[table, (sql,)]
        name = f"case{SEPARATOR}{sha256(sql.encode()).hexdigest()[:8]}"
        name = self._computed(table, (sql,), name, by, where)
        if self.types.of(table, name) == "BOOL":
            self.draft.columns[table][name] = BlueprintColumn(expression=f"coalesce({by}, false)")
            for case in cases:
                if case not in ("true", "false"):
                    raise DesignError((*place, case), f"'{case}' is not a result of `{by}`.", "Write true or false.")
        return name

    def _banded(self, table: str, name: str, cases: list[str], place: Place, *, complete: bool) -> str:
        """The column itself, or one that is added and says in which of some bands its number lies; empty if in none of them."""
        if not any(map(is_band, cases)) or (kind := self.types.of(table, name)) not in NUMBERS:
            return name
        bands: list[Band] = []
        for case in cases:
            band = band_of(case)
            if band is None:
                raise DesignError(
                    (*place, case),
                    f"'{case}' is not a band of numbers.",
                    "Write a band such as '< 2', '2 to 12' (from 2 to below 12) or '>= 12', or a number.",
                )
            bands.append(band)
        common = overlap_of(bands)
        if common is not None:
            raise DesignError(
                (*place, common[1]),
                f"The bands '{common[0]}' and '{common[1]}' have numbers in common.",
                "Let one begin where the other ends: '2 to 12' is from 2 to below 12.",
            )
        gap = gap_between(bands, whole_numbers=kind == "INT64")
        if gap is not None and not complete:
            raise DesignError(
                place, f"There is no case for {gap}.", "Add a band, or `otherwise` for all other numbers."
            )
        scale = self.market.price_level if kind == "NUMERIC" else 1.0
        branches = " ".join(
            f"when {band.condition(name, scale)} then {row_expression_literal(band.case)}" for band in bands
        )
        key = (name, *cases)
        return self._computed(table, key, f"{name}{SEPARATOR}band", f"case {branches} else null end", (*place, "by"))

    def _computed(
        self, table: str, key: tuple[str, ...], name: str, sql: str, place: Place, kind: GoogleSqlType | None = None
    ) -> str:
        """A column that is not stored and holds the result of an expression; the same one for the same ``key``."""
        if (table, key) not in self.draft.joined:
            column = BlueprintColumn(expression=sql, type=kind)
            self.draft.joined[table, key] = self.draft.add(table, name, column, place)
        return self.draft.joined[table, key]


PLAIN: Mapping[str, Callable[[], Document]] = {
    "parent": language.ParentKey,
    "position": language.Position,
    "period_start": language.PeriodStart,
    "state": language.StateName,
    "entered_at": language.EnteredAt,
    "left_at": language.LeftAt,
    "place": language.FromRecord,
}
"""Generators without settings -> how they are made."""


def not_a_figure(given: str, place: Place) -> DesignError:
    """The error for a reference that stands for a text where a number is needed."""
    return DesignError(place, f"'{given}' is not a number.", "Write a number, or a term with a figure: {shipping_fee}.")


def _snap(snap: str | Grid | None) -> dict[str, Any] | None:
    return {"to": snap} if isinstance(snap, str) else None if snap is None else settings_of(snap)


def _earlier(given: float | EarlierDays) -> dict[str, Any]:
    return {"before_days": given.days} if isinstance(given, EarlierDays) else {"before_history": given}


def _opening(settings: ArrivalSettings | AfterSettings | BeforeSettings | MomentSettings) -> dict[str, Any]:
    """Hours, weekdays and holidays: the column's own, else those of its calendar, else None."""
    calendar = NamedCalendar() if settings.calendar is None else calendar_named(settings.calendar)
    return {
        "hours": weights_of_rhythm("hours", settings.hours) or calendar.hours,
        "weekdays": weights_of_rhythm("weekdays", settings.weekdays) or calendar.weekdays,
        "holidays": calendar.holidays if settings.holidays is None else settings.holidays,
    }


def _waiting(settings: AfterSettings | BeforeSettings | MomentSettings) -> dict[str, Any]:
    """The same for a moment that waits until it is open; without a factor a holiday is a usual day."""
    opening = _opening(settings)
    return opening | {"holidays": 1.0 if opening["holidays"] is None else opening["holidays"]}


def weights_of_rhythm(kind: RhythmKind, given: str | list[float] | None) -> list[float] | None:
    """The weights of a rhythm, which is given by its name or by its weights; None if none is given.

    A blueprint whose rhythms have no such name is not read, so the name exists.
    """
    return named_rhythm(kind, given) if isinstance(given, str) else given


def _months(months: int | str | None) -> int | None:
    return int(months.split()[0]) if isinstance(months, str) else months


def _multiplied(values: dict[str, Any], amounts: set[str], factor: float) -> dict[str, Any]:
    """The settings with the amounts multiplied by the factor, including the amounts of cases; an ``OwnAmount`` stays."""

    def scaled(amount: float) -> float:
        return float(amount) if isinstance(amount, OwnAmount) else amount * factor

    return {
        name: {case: scaled(amount) for case, amount in value.items()}
        if name.removesuffix("_by") in amounts and name not in amounts and isinstance(value, dict)
        else {
            **value,
            "cases": {case: scaled(amount) for case, amount in value["cases"].items()},
            "otherwise": scaled(value["otherwise"]),
        }
        if name in amounts and isinstance(value, dict)
        else scaled(value)
        if name in amounts and isinstance(value, int | float)
        else value
        for name, value in values.items()
    }


def valid(model: type[Any], values: dict[str, Any], place: Place) -> Any:
    """A part of the data model, made from these values.

    Raises:
        DesignError: the model does not accept a value.
    """
    try:
        return model.model_validate(values)
    except ValidationError as failure:
        error = failure.errors(include_url=False)[0]
        where = tuple(part for part in error["loc"] if part in values)
        raise DesignError((*place, *where), f"{error['msg']} (given: {error['input']!r:.80}).") from failure
