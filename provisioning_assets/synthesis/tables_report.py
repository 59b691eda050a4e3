"""Contents of the tables' page in Dagster: rows per table, and a picture of the main events per day."""

from pathlib import Path

import altair as alt
import polars as pl
import vl_convert
from upath import UPath

from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.tables import Table
from provisioning_assets.markdown import markdown_table
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets.synthesis.name_lists import name_lists
from provisioning_assets.synthesis.places import places_of

ROLLING_DAYS = 7


def tables_markdown(tables: SyntheticTables, model: DataModel) -> str:
    """Rows, files and size of each table as a Markdown table."""
    descriptions = {table.name: table.description for table in model.tables}
    return markdown_table(
        ["table", "rows", "files", "MB", "what it holds"],
        [
            [
                table.name,
                f"{table.rows:,}",
                str(len(table.files)),
                f"{sum(file.bytes for file in table.files) / 1e6:.2f}",
                descriptions.get(table.name, ""),
            ]
            for table in tables.tables
        ],
        numbers=("rows", "files", "MB"),
    )


def main_events(model: DataModel, tables: SyntheticTables) -> Table | None:
    """The event table with the most rows; None if the model has no event tables."""
    rows = {table.name: table.rows for table in tables.tables}
    stored = {(table.name, column.name) for table in model.tables for column in table.columns if not column.internal}
    events = [table for table in model.tables if table.event_time and (table.name, table.event_time) in stored]
    return max(events, key=lambda table: rows.get(table.name, 0), default=None)


def daily_events(table: Table, tables: SyntheticTables, folder: UPath | Path) -> pl.DataFrame:
    """Number of events on each day: columns day and events, in order."""
    manifest = next(each for each in tables.tables if each.name == table.name)
    frames = []
    for file in manifest.files:
        with (folder / file.path).open("rb") as content:
            frames.append(pl.read_parquet(content, columns=[table.event_time or ""]))
    days = pl.concat(frames).to_series().cast(pl.Date).drop_nulls().alias("day")
    return days.value_counts(name="events").sort("day")


def daily_events_png(table: Table, tables: SyntheticTables, folder: UPath | Path) -> bytes:
    """PNG picture of the events per day with their weekly mean; needs no network."""
    counts = daily_events(table, tables, folder).with_columns(
        mean=pl.col("events").rolling_mean(ROLLING_DAYS, min_samples=1), day=pl.col("day").cast(pl.String)
    )
    base = alt.Chart(alt.Data(values=counts.to_dicts())).encode(x=alt.X("day:T", title=None))
    days = base.mark_line(strokeWidth=0.8, opacity=0.45, color="#6b8fb5").encode(
        y=alt.Y("events:Q", title=f"{table.name} a day", axis=alt.Axis(format=",d"))
    )
    mean = base.mark_line(strokeWidth=2.2, color="#1f4e79").encode(y="mean:Q")
    chart = (days + mean).properties(
        width=720, height=240, title=f"{table.name} a day, and the mean of {ROLLING_DAYS} days"
    )
    return vl_convert.vegalite_to_png(chart.to_dict(), scale=1.5, allowed_base_urls=[])


def stand_ins(model: DataModel) -> list[str]:
    """Substitute lists in use because the model's locale or country has none of its own; empty if there are no substitutes."""
    found = []
    used = name_lists(model.locale, model.country).stand_in
    if used is not None:
        found.append(f"names of people: there is no list for {model.locale}; the list for {used} is used instead")
    if places_of(model.country, model.locale).source != "curated":
        found.append(
            f"places: of {model.country} only the largest cities are known; there are no postcodes, and phone numbers have no "
            "city's area code"
        )
    return found
