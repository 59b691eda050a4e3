"""Exact laws of addresses near a written place, such as a branch: each a query over the stored columns."""

# ruff: noqa: S608  (names match the data model's Name pattern; texts of the model are quoted by sqlglot)

from collections.abc import Iterator

from provisioning_assets.data_model.addresses import is_coded
from provisioning_assets.data_model.generators import Address, Lookup, Sequence
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.names import Scalar
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.tables import Column, Table
from provisioning_assets.geography.cities import addressed_towns, cities_of, uncoded_towns
from provisioning_assets.geography.distance import great_circle_km
from provisioning_assets.quality.rule_queries import Joined, Rule, all_stored, literal, reach

ROUNDED_KM = 2.0
"""The synthesis takes a place to be at the nearest multiple of a fiftieth of a degree, which is less than this away."""

MOST_PAIRS = 20_000
"""Most pairs of place and town that one query lists; with more, there is no rule."""


def near_rules(lineage: Lineage, table: Table, column: Column, generator: Address) -> Iterator[Rule]:
    """That each city of an address is one of the towns near the written row to which a stored foreign key of the row leads."""
    near = generator.near
    if near is None or generator.part != "city":
        return
    position = lineage.columns[table.name, near.latitude].generator
    other = lineage.target(table.name, position.through) if isinstance(position, Lookup) else None
    if not isinstance(position, Lookup) or position.history is not None or other is None:
        return
    population, joined = lineage.tables[other].population, Joined(table.name)
    key = reach(lineage, joined, "t0", table.name, position.through)
    if key is None or not isinstance(population, Records) or not all_stored(lineage, other, lineage.key_column(other)):
        return
    longitude = lineage.columns[table.name, near.longitude].generator
    east = longitude.column if isinstance(longitude, Lookup) else ""
    coded = is_coded(table, generator.of)
    pairs = [
        (value, town)
        for value, row in zip(_keys(lineage, other, len(population.rows)), population.rows, strict=True)
        for town in _towns_near(lineage, row.get(position.column), row.get(east), near.within_km, coded=coded)
    ]
    if not 0 < len(pairs) <= MOST_PAIRS:
        return
    listed = ", ".join(f"({literal(str(value))}, {literal(town)})" for value, town in pairs)
    own = f'CAST({key} AS VARCHAR), t0."{column.name}"'
    yield Rule(
        "address_is_near",
        table.name,
        column.name,
        f"every {column.name} of {table.name} lies within {near.within_km:g} km of its {position.through}",
        f"WITH near (place, town) AS (VALUES {listed}) SELECT count(*) FROM {joined.source()} "
        f'WHERE t0."{column.name}" IS NOT NULL AND CAST({key} AS VARCHAR) IN (SELECT place FROM near) '
        f"AND ({own}) NOT IN (SELECT (place, town) FROM near)",
    )


def _keys(lineage: Lineage, table: str, rows: int) -> list[Scalar]:
    """The keys of a table with written rows, in their order."""
    name = lineage.key_column(table)
    generator, population = lineage.columns[table, name].generator, lineage.tables[table].population
    if isinstance(generator, Sequence):
        numbers = [generator.start + generator.step * index for index in range(rows)]
        return [
            number if generator.prefix is None else f"{generator.prefix}{number:0{generator.width}d}"
            for number in numbers
        ]
    return [row.get(name) for row in population.rows] if isinstance(population, Records) else []


def _towns_near(lineage: Lineage, latitude: Scalar, longitude: Scalar, within_km: float, *, coded: bool) -> list[str]:
    """Names of the towns in which addresses near a point (degrees) are made; none if they may be anywhere.

    Which towns count depends on whether one is in reach; where that is decided by less than ``ROUNDED_KM``, there are none either.
    """
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return []
    country, language = lineage.model.country, lineage.model.locale.partition("_")[0]
    possible: list[str] = []
    known = (*cities_of(country, language), *addressed_towns(country, language))
    for towns in (known,) if coded else (known, uncoded_towns(country, language)):
        away = {town: great_circle_km(latitude, longitude, town.latitude, town.longitude) for town in towns}
        possible += [town.name for town, km in away.items() if km <= within_km + ROUNDED_KM]
        if any(km <= within_km - ROUNDED_KM for km in away.values()):
            return list(dict.fromkeys(possible))
    return []
