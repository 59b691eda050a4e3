"""Rows and random row expressions that the tests of the language share."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

import duckdb
import polars as pl
from hypothesis import strategies as st

from provisioning_assets.data_model.expressions import duckdb_sql
from provisioning_assets.data_model.names import GoogleSqlType

COLUMNS: dict[str, GoogleSqlType] = {
    "count": "INT64",
    "n": "INT64",
    "ratio": "FLOAT64",
    "price": "NUMERIC",
    "fee": "NUMERIC",
    "name": "STRING",
    "kind": "STRING",
    "begun": "DATE",
    "ended": "DATE",
    "called": "DATETIME",
    "answered": "DATETIME",
    "paid": "BOOL",
    "open": "BOOL",
}
"""Columns of the rows and their types; names of SQL's own are among them on purpose."""

DAYS = [
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2023, 2, 28),
    date(2023, 12, 31),
    date(2025, 1, 1),
    date(1969, 12, 31),
    date(2000, 2, 29),
    date(1900, 3, 1),
    date(2026, 5, 30),
    date(2026, 5, 31),
    date(2024, 4, 30),
]
"""Ends of months, leap days, weekends and a day before 1970."""

TEXTS = [
    "",
    "a",
    "Anna",
    "anna",
    "it's",
    "50%",
    "a_b",
    "Zürich",
    "line\nbreak",
    "x" * 30,
    "\\d",
    ".*",
    "7",
    "-12",
    "2.5",
    "2024-02-29",
]

WORKED_WITH = {
    "INT64": pl.Int64(),
    "FLOAT64": pl.Float64(),
    "NUMERIC": pl.Float64(),
    "STRING": pl.String(),
    "BOOL": pl.Boolean(),
    "DATE": pl.Date(),
    "DATETIME": pl.Datetime("us"),
}


def _value(kind: GoogleSqlType, random: Random) -> object:
    day = random.choice(DAYS) if random.random() < 0.5 else date(1950, 1, 1) + timedelta(days=random.randrange(47_000))
    time = random.choice([0, 86_399_999_999, random.randrange(86_400_000_000)])
    edges = [0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 0.125, 2.675, 1e6]
    return {
        "INT64": random.randint(-400, 400) if random.random() < 0.8 else random.randint(-2, 2),
        "FLOAT64": random.choice(edges) if random.random() < 0.4 else random.uniform(-1_000, 1_000),
        "NUMERIC": random.randint(-100_000, 100_000) / 100,
        "STRING": random.choice(TEXTS),
        "BOOL": random.random() < 0.5,
        "DATE": day,
        "DATETIME": datetime(day.year, day.month, day.day) + timedelta(microseconds=time),
    }[kind]


def random_rows(rows: int, seed: int) -> pl.DataFrame:
    """Rows of every column, a fifth of the values null."""
    random = Random(seed)
    columns = {
        name: [_value(kind, random) if random.random() < 0.8 else None for _ in range(rows)]
        for name, kind in COLUMNS.items()
    }
    return pl.DataFrame(columns, schema={name: WORKED_WITH[kind] for name, kind in COLUMNS.items()})


class StoredRows:
    """Rows as DuckDB has them when a check reads stored tables: amounts are exact decimals."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        amounts = [name for name, kind in COLUMNS.items() if kind == "NUMERIC"]
        self._connection = duckdb.connect()
        self._connection.register("given", frame.with_columns(pl.col(amounts).cast(pl.Decimal(18, 2))).to_arrow())
        self._connection.execute("CREATE TABLE stored AS SELECT * FROM given")

    def values(self, sql: str) -> list:
        """The expression's value for each row."""
        query = f"SELECT {duckdb_sql(sql, COLUMNS)} AS value FROM stored ORDER BY rowid"
        return [value for (value,) in self._connection.execute(query).fetchall()]


# --- expressions of every type -------------------------------------------------------------------------------------


@cache
def columns(kind: GoogleSqlType) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, known in COLUMNS.items() if known == kind])


def text_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def filled(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A template with ``{}`` for each part, the parts in parentheses where they may need them."""
    return st.tuples(*parts).map(lambda given: template.format(*given))


@cache
def leaves(kind: GoogleSqlType) -> st.SearchStrategy[str]:
    literals: dict[GoogleSqlType, st.SearchStrategy[str]] = {
        "INT64": st.integers(-3, 20).map(str),
        "FLOAT64": st.sampled_from(["0.5", "1.0", "-2.25", "1e2", "0.0"]),
        "NUMERIC": columns("NUMERIC"),
        "STRING": st.sampled_from(TEXTS).map(text_literal),
        "BOOL": st.sampled_from(["true", "false"]),
        "DATE": st.sampled_from(DAYS).map(lambda day: f"date '{day}'"),
        "DATETIME": st.just("timestamp '2024-02-29 23:30:00'"),
    }
    return st.one_of(columns(kind), columns(kind), literals[kind])


@cache
def expressions(kind: GoogleSqlType, depth: int = 3) -> st.SearchStrategy[str]:
    """Expressions whose type is ``kind`` by construction."""
    if depth == 0:
        return leaves(kind)
    # what follows is drawn when it is needed: all of the tree at once would be thousands of strategies
    return st.one_of(
        leaves(kind), st.deferred(lambda: GROWN[kind](depth - 1)), st.deferred(lambda: chosen(kind, depth - 1))
    )


def chosen(kind: GoogleSqlType, depth: int) -> st.SearchStrategy[str]:
    """What any type has: case, coalesce, nullif."""
    part, condition = expressions(kind, depth), expressions("BOOL", depth)
    return st.one_of(
        filled("case when {} then {} else {} end", condition, part, part),
        filled("case when {} then {} when {} then {} end", condition, part, condition, part),
        filled("coalesce({}, {})", part, part),
        filled("nullif({}, {})", part, part),
        filled("case {} when 'a' then {} when 'Anna' then {} end", expressions("STRING", depth), part, part),
    )


def _whole(depth: int) -> st.SearchStrategy[str]:
    whole, ratio, text = expressions("INT64", depth), expressions("FLOAT64", depth), expressions("STRING", depth)
    day, moment = expressions("DATE", depth), expressions("DATETIME", depth)
    fields = st.sampled_from(["year", "quarter", "month", "week", "day", "doy", "dow", "isodow"])
    return st.one_of(
        filled("({} {} {})", whole, st.sampled_from(["+", "-", "%"]), whole),
        filled("(- {})", whole),
        filled("({} * {})", leaves("INT64"), leaves("INT64")),
        filled("{}({})", st.sampled_from(["round", "floor", "ceil", "sign"]), ratio),
        filled("abs({})", whole),
        filled("{}({}, {})", st.sampled_from(["mod", "greatest", "least"]), whole, whole),
        filled("length({})", text),
        filled("cast({} as integer)", st.one_of(ratio, expressions("BOOL", depth), text)),
        filled("extract({} from {})", fields, st.one_of(day, moment)),
        filled("extract({} from {})", st.sampled_from(["hour", "minute"]), moment),
        filled("{}({})", st.just("hour_of"), moment),
        filled("weekday({})", st.one_of(day, moment)),
        filled(
            "{}({}, {})",
            st.sampled_from(["days_between", "months_between", "years_between"]),
            day,
            st.one_of(day, moment),
        ),
        filled("({} - {})", day, day),
    )


def _ratio(depth: int) -> st.SearchStrategy[str]:
    whole, ratio, money = expressions("INT64", depth), expressions("FLOAT64", depth), expressions("NUMERIC", depth)
    moment = expressions("DATETIME", depth)
    return st.one_of(
        filled("({} {} {})", ratio, st.sampled_from(["+", "-", "*", "/", "%"]), st.one_of(whole, ratio)),
        filled("({} / {})", whole, whole),
        filled("({} / {})", money, money),
        filled("sqrt({})", ratio),
        filled("round({}, {})", ratio, st.sampled_from(["1", "2", "4"])),
        filled("{}({}, {})", st.sampled_from(["greatest", "least", "coalesce"]), ratio, st.one_of(whole, ratio)),
        filled("cast({} as double precision)", st.one_of(whole, money, expressions("STRING", depth))),
        filled("{}({}, {})", st.sampled_from(["hours_between", "minutes_between"]), moment, moment),
    )


def _money(depth: int) -> st.SearchStrategy[str]:
    money, number = expressions("NUMERIC", depth), st.one_of(expressions("INT64", depth), expressions("FLOAT64", depth))
    return st.one_of(
        filled("({} {} {})", money, st.sampled_from(["+", "-"]), st.one_of(money, number)),
        filled("({} {} {})", money, st.sampled_from(["*", "/"]), number),
        filled("{}({})", st.sampled_from(["round", "abs", "floor", "ceil", "-"]), money),
        filled("round({}, 2)", money),
        filled("{}({}, {})", st.sampled_from(["greatest", "least", "coalesce"]), money, number),
        filled("case when {} then {} else 0 end", expressions("BOOL", depth), money),
        filled("cast({} as numeric)", number),
    )


def _text(depth: int) -> st.SearchStrategy[str]:
    text, whole = expressions("STRING", depth), expressions("INT64", depth)
    other = st.one_of(whole, *(expressions(kind, depth) for kind in ("STRING", "BOOL", "DATE", "DATETIME")))
    return st.one_of(
        filled("({} || {})", text, other),
        filled("concat({}, {})", text, other),
        filled("{}({})", st.sampled_from(["lower", "upper"]), text),
        filled("substr({}, {})", text, whole),
        filled("substr({}, {}, {})", text, whole, whole),
        filled("{}({}, {})", st.sampled_from(["left", "right"]), text, whole),
        filled(
            "replace({}, {}, {})",
            text,
            st.sampled_from(["'a'", "'.'", "'\\d'", "'it''s'"]),
            st.sampled_from(["''", "'$1'", "'b'"]),
        ),
        filled("cast({} as text)", other),
        filled("{}({}, {})", st.sampled_from(["greatest", "least"]), text, text),
    )


def _condition(depth: int) -> st.SearchStrategy[str]:
    part = expressions("BOOL", depth)
    pairs = [expressions(kind, depth) for kind in ("INT64", "FLOAT64", "NUMERIC", "STRING", "DATE", "DATETIME", "BOOL")]
    numbers, text = st.one_of(pairs[:3]), pairs[3]
    operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    patterns = st.sampled_from(["'a%'", "'%n%'", "'_'", "'A__a'", "'50%'", "'.*'", "'%'", "'it''s'"])
    negation = st.sampled_from(["", "not "])
    return st.one_of(
        *(filled("({} {} {})", pair, operators, pair) for pair in pairs),
        filled("({} {} {})", numbers, operators, numbers),
        filled("({} {} {})", pairs[4], operators, pairs[5]),
        filled("({} > '2024-01-31')", st.one_of(pairs[4], pairs[5])),
        filled("({} {} {})", part, st.sampled_from(["and", "or"]), part),
        filled("(not {})", part),
        filled("({} is {}null)", st.one_of(pairs), negation),
        filled("({} {}in ({}, {}, {}))", pairs[0], negation, *[pairs[0]] * 3),
        filled("({} {}in (1, 2, 3, 5, 8))", numbers, negation),
        filled("({} {}in ('a', 'Anna', 'it''s', null))", text, negation),
        filled("({} {}between {} and {})", numbers, negation, numbers, numbers),
        filled("({} {}between {} and {})", pairs[4], negation, pairs[4], pairs[4]),
        filled("({} {}like {})", text, negation, patterns),
    )


def _day(depth: int) -> st.SearchStrategy[str]:
    day, moment, few = expressions("DATE", depth), expressions("DATETIME", depth), leaves("INT64")
    ends = [f"{unit}_{end}" for unit in ("month", "quarter", "year") for end in ("start", "end")]
    lengths = st.sampled_from(["1 day", "2 weeks", "1 month", "1 quarter", "1 year 3 months", "1 month -2 days"])
    return st.one_of(
        filled("{}({}, {})", st.sampled_from(["add_days", "add_months"]), day, few),
        filled("add_years({}, {} % 50)", day, few),
        filled("({} {} {})", day, st.sampled_from(["+", "-"]), few),
        filled("({} {} interval '{}')", day, st.sampled_from(["+", "-"]), lengths),
        filled("({} + interval '1 day' * {})", day, st.one_of(few, st.just("0.7"), st.just("(ratio % 100)"))),
        filled("({} - {} * interval '1 month')", day, few),
        filled("{}({})", st.sampled_from([*ends, "next_workday", "date_of"]), st.one_of(day, moment)),
        filled("{}({}, {})", st.sampled_from(["greatest", "least", "earlier_of", "later_of"]), day, day),
        filled("cast({} as date)", st.one_of(moment, columns("STRING"))),
    )


def _moment(depth: int) -> st.SearchStrategy[str]:
    day, moment, few = expressions("DATE", depth), expressions("DATETIME", depth), leaves("INT64")
    lengths = st.sampled_from(["1 day", "90 minutes", "1 month", "1 day 6 hours", "30 seconds"])
    return st.one_of(
        filled("({} {} interval '{}')", moment, st.sampled_from(["+", "-"]), lengths),
        filled("({} {} interval '3 hours')", day, st.sampled_from(["+", "-"])),
        filled("({} + interval '1 hour' * {})", moment, st.one_of(few, st.just("(ratio % 100)"))),
        filled("{}({}, {})", st.sampled_from(["add_days", "add_months"]), moment, few),
        filled(
            "{}({}, {})",
            st.sampled_from(["greatest", "least", "earlier_of", "later_of", "coalesce"]),
            moment,
            st.one_of(day, moment),
        ),
        filled("cast({} as timestamp)", st.one_of(day, columns("STRING"))),
    )


GROWN: dict[GoogleSqlType, Callable[[int], st.SearchStrategy[str]]] = {
    "INT64": _whole,
    "FLOAT64": _ratio,
    "NUMERIC": _money,
    "STRING": _text,
    "BOOL": _condition,
    "DATE": _day,
    "DATETIME": _moment,
}
