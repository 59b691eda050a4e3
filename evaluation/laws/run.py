"""Tries the laws of a file on a demo of each industry, and prints which hold.

Without ``--tables``, the tables of the example customer are generated, as of each industry that the file names; nothing else of the
demo is made. With it, the laws are tried on the tables of a demo that exists.
"""

# ruff: noqa: S608  (names of tables are quoted)

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb

from evaluation.demos import AS_OF, DEMOS
from evaluation.laws.law_file import NO_ROWS, TradeLaw, read_laws
from provisioning_assets.customers import build_request
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.googlesql.duckdb_connection import literal, quoted
from provisioning_assets.googlesql.duckdb_queries import interrupted_after
from provisioning_assets.googlesql.statements import to_duckdb
from provisioning_assets.markdown import markdown_table
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import blueprint_for
from provisioning_assets.research.profile.reading import read_profile
from provisioning_assets.research.website.reading import read_website
from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.synthesis.engine import synthesise

EXAMPLE = DEMOS[0]
LAWS = Path(__file__).with_name("trades")
"""Laws of each trade. The first line of a file says how they were written."""

MOST_SECONDS = 120.0
"""Time limit for one law, in seconds, as in the data-quality report."""

ROWS_SHOWN, LONGEST_LINE = 2, 150

Outcome = Literal["holds", "broken", "implausible", "query fails", "by eye"]
OUTCOMES: tuple[Outcome, ...] = ("holds", "broken", "implausible", "query fails", "by eye")


@dataclass(frozen=True)
class Tried:
    """A law with what was found: in a few words, and the first rows where they explain it."""

    law: TradeLaw
    outcome: Outcome
    found: str
    rows: tuple[str, ...] = ()


def try_law(law: TradeLaw, connection: duckdb.DuckDBPyConnection, today: date) -> Tried:
    """Try a law on the tables of a connection, as of a day.

    Returns:
        ``broken`` where rows break it, ``implausible`` where its figure is outside the range, ``by eye`` where ``right`` is neither
        ``0 rows`` nor a range, or the range is about more than one row.
    """
    try:
        sql = to_duckdb(law.sql, as_of=today) if law.dialect == "googlesql" else law.sql
        with interrupted_after(connection, MOST_SECONDS):
            cursor = connection.execute(sql)
            names = [str(column[0]) for column in cursor.description or []]
            shown = cursor.fetchmany(max(ROWS_SHOWN, 2))
            count = len(shown) + sum(len(more) for more in iter(lambda: cursor.fetchmany(10_000), []))
    except ProvisioningError as error:
        return Tried(law, "query fails", error.problem)
    except duckdb.InterruptException:
        return Tried(law, "query fails", f"it took longer than {MOST_SECONDS:g} seconds")
    except duckdb.Error as error:
        return Tried(law, "query fails", str(error).strip().splitlines()[0])
    rows = tuple(_line(names, row) for row in shown[:ROWS_SHOWN])
    told = f"{count:,} row{'s' * (count != 1)}"
    if law.right.strip() == NO_ROWS:
        return Tried(law, "broken" if count else "holds", told, rows)
    between = law.range()
    if between is None or count > 1:
        return Tried(law, "by eye", told, rows)
    figure = shown[0][0] if shown else None
    if figure is None:
        return Tried(law, "query fails", "it returns no figure")
    try:
        value = float(figure)
    except (TypeError, ValueError):
        return Tried(law, "query fails", f"its figure is no number: {figure!r:.40}")
    inside = between[0] <= value <= between[1]
    return Tried(law, "holds" if inside else "implausible", f"{value:.4g}", rows if len(names) > 1 else ())


def _line(names: Sequence[str], row: Sequence[object]) -> str:
    line = ", ".join(f"{name} {_cell(value)}" for name, value in zip(names, row, strict=True))
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


# --- the tables ------------------------------------------------------------------------------------------------------


def generate(industry: str, folder: Path, *, seed: str, size: str, as_of: str) -> None:
    """Generate the tables of the example customer, as of this industry, into a folder.

    Raises:
        ProvisioningError: there is no blueprint for the industry, or a value is not accepted.
    """
    if industry not in blueprint_ids():
        raise ProvisioningError(
            f"There is no blueprint '{industry}'.", f"The industry of a law is one of {', '.join(blueprint_ids())}."
        )
    website = read_website(EXAMPLE.address, saved_pages=EXAMPLE.pages, notes="", settings=CrawlSettings())
    asked = {"url": EXAMPLE.address, "industry": industry, "seed": seed, "size": size, "as_of": as_of}
    request = build_request(EXAMPLE.key, asked, today=date.fromisoformat(AS_OF))
    host = EXAMPLE.address.removeprefix("https://")
    profile = read_profile(website, industry_override=industry, default_company_host=host)
    synthesise(design_data_model(blueprint_for(profile, request), request), folder)


@contextmanager
def tables_in(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view for each folder of Parquet files in ``folder/tables``, or in ``folder``.

    Raises:
        ProvisioningError: there is none.
    """
    root = (folder / "tables" if (folder / "tables").is_dir() else folder).resolve()
    found = {file.parent for file in root.glob("*/*.parquet")}
    if not found:
        raise ProvisioningError(
            f"{folder} has no tables.", "Name the folder of a demo, such as demo_store/harbourandpine_example."
        )
    with duckdb.connect() as connection:
        connection.execute("SET allowed_directories = ?", [[str(root)]])
        connection.execute("SET enable_external_access = false")
        for table in sorted(found):
            files = literal(str(table / "*.parquet"))
            connection.execute(f"CREATE VIEW {quoted(table.name)} AS SELECT * FROM read_parquet({files})")
        connection.execute("SET lock_configuration = true")
        yield connection


# --- the command -----------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the laws, and print each with its outcome and the share that holds by industry. Returns the command's status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=LAWS, help="file of laws, or a folder of them")
    parser.add_argument("--industry", help="only the laws of this one")
    parser.add_argument("--tables", type=Path, help="folder of an existing demo, or of its tables")
    parser.add_argument("--seed", default="42", help="of the generated tables")
    parser.add_argument("--size", default="small", help="of the generated tables: small, medium, large or xlarge")
    parser.add_argument("--as-of", default=AS_OF, help="day of the generated tables")
    options = parser.parse_args(arguments)
    try:
        day = _day(options.as_of)
        laws = chosen(read_laws(options.file), options.industry, one=options.tables is not None)
        tried: dict[str, list[Tried]] = {}
        for industry in dict.fromkeys(law.industry for law in laws):
            with tempfile.TemporaryDirectory(prefix="eval-laws-") as generated:
                folder = options.tables or Path(generated)
                if options.tables is None:
                    generate(industry, folder, seed=options.seed, size=options.size, as_of=options.as_of)
                with tables_in(folder) as connection:
                    tried[industry] = [try_law(law, connection, day) for law in laws if law.industry == industry]
            print_laws(industry, tried[industry])
    except ProvisioningError as error:
        print(f"{error.problem} {error.remedy}", file=sys.stderr)
        return 2
    print(summary(tried))
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ProvisioningError(f"{text!r} is not a day.", "Give --as-of as in 2026-01-31.") from None


def chosen(laws: list[TradeLaw], industry: str | None, *, one: bool) -> list[TradeLaw]:
    """The laws that are tried.

    Args:
        laws: of the file.
        industry: only its laws; None for all.
        one: whether there are tables of one industry only.

    Raises:
        ProvisioningError: there is no law of the industry, or it is not said which of several.
    """
    industries = list(dict.fromkeys(law.industry for law in laws))
    if industry is not None and industry not in industries:
        raise ProvisioningError(f"The file has no law of '{industry}'.", f"It has laws of {', '.join(industries)}.")
    if industry is None and one and len(industries) > 1:
        raise ProvisioningError(
            "The file has laws of several industries.",
            f"Say with --industry of which the tables are: {', '.join(industries)}.",
        )
    return [law for law in laws if industry in (None, law.industry)]


def print_laws(industry: str, tried: Sequence[Tried]) -> None:
    """Print each law with its outcome: those that hold last, since there is nothing to do about them."""
    print(f"\n{industry}")
    for each in sorted(tried, key=lambda one: OUTCOMES.index(one.outcome) or len(OUTCOMES)):
        before = f", was {each.law.today}" if each.law.today not in (None, each.outcome) else ""
        right = "" if each.outcome == "query fails" else f", right: {each.law.right}"
        print(f"  {each.outcome:11}  {each.law.law}\n{'':15}{each.found}{right}{before}")
        if each.outcome != "holds":
            for row in each.rows:
                print(f"{'':15}{row}")


def summary(tried: dict[str, list[Tried]]) -> str:
    """The counts by industry as a table; the share is of the laws that were judged: without those left to the reader."""
    rows, together = [], [each for laws in tried.values() for each in laws]
    for industry, laws in [*tried.items(), *([("all", together)] * (len(tried) > 1))]:
        counts = Counter(each.outcome for each in laws)
        judged = len(laws) - counts["by eye"]
        share = f"{counts['holds'] / judged:.0%}" if judged else "–"
        rows.append([industry, str(len(laws)), *(str(counts[outcome]) for outcome in OUTCOMES), share])
    return "\n" + markdown_table(["industry", "laws", *OUTCOMES, "share that holds"], rows)


if __name__ == "__main__":
    sys.exit(main())
