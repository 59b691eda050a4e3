"""Which places of a data model have no town near enough for the addresses that shall be near to them."""

from collections.abc import Iterator

from provisioning_assets.data_model.addresses import is_coded
from provisioning_assets.data_model.generators import Address, Lookup, Near
from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Records
from provisioning_assets.geography.cities import addressed_towns, cities_of, uncoded_towns
from provisioning_assets.geography.distance import great_circle_km


def addresses_far_away(model: DataModel) -> list[str]:
    """For each address that shall be near to written places of which some have no town in reach: what is done instead.

    Such addresses are in the nearest towns, however far.
    """
    lineage = Lineage(model)
    language = model.locale.partition("_")[0]
    known = [*cities_of(model.country, language), *addressed_towns(model.country, language)]
    found: dict[str, None] = {}
    for table in model.tables:
        for column in table.columns:
            generator = column.generator
            near = generator.near if isinstance(generator, Address) else None
            if not isinstance(generator, Address) or near is None:
                continue
            coded = is_coded(table, generator.of)
            towns = known if coded else [*known, *uncoded_towns(model.country, language)]
            for latitude, longitude in _written_places(lineage, table.name, near):
                if all(great_circle_km(latitude, longitude, t.latitude, t.longitude) > near.within_km for t in towns):
                    known_by = " with known postcodes" if coded else ""
                    found[
                        f"{table.name}: no town of {model.country}{known_by} lies within {near.within_km:g} km of "
                        f"{latitude:.2f}, {longitude:.2f}; these addresses are in the towns that are nearest"
                    ] = None
    return list(found)


def _written_places(lineage: Lineage, table: str, near: Near) -> Iterator[tuple[float, float]]:
    """Latitude and longitude of the written rows to which the columns of a place lead; none if they lead to drawn rows."""
    latitude, longitude = _source(lineage, table, near.latitude), _source(lineage, table, near.longitude)
    population = lineage.tables[latitude[0]].population
    for row in population.rows if isinstance(population, Records) and latitude[0] == longitude[0] else ():
        north, east = row.get(latitude[1]), row.get(longitude[1])
        if isinstance(north, int | float) and isinstance(east, int | float):
            yield north, east


def _source(lineage: Lineage, table: str, column: str) -> tuple[str, str]:
    """The table and column in which the value of a look-up is made."""
    generator = lineage.columns[table, column].generator
    while isinstance(generator, Lookup) and generator.history is None:
        table, column = lineage.pointed_to(table, generator.through), generator.column
        generator = lineage.columns[table, column].generator
    return table, column
