"""People and addresses for all rows of a block at once; columns with the same ``of`` match each other."""

from functools import cache, lru_cache

import numpy as np
import polars as pl

from provisioning_assets.data_model.addresses import is_coded
from provisioning_assets.data_model.generators import Address, Near, Person
from provisioning_assets.data_model.keyed_random import Floats, Integers
from provisioning_assets.synthesis.block import Block
from provisioning_assets.synthesis.company_names import company_domains
from provisioning_assets.synthesis.draws import choose
from provisioning_assets.synthesis.effects import Mask
from provisioning_assets.synthesis.name_lists import NameLists, country_data, country_entry, name_lists, streets
from provisioning_assets.synthesis.places import Places, places_and_towns_of, places_of
from provisioning_assets.synthesis.row_numbers import at_rows

EMAIL_SEPARATORS = (".", ".", "", "_", ".")
INITIAL, DIGITS = 1, 4
"""Shapes of e-mail addresses: jane.doe, j.doe, janedoe, jane_doe, jane.doe42; their frequencies are below."""

EMAIL_SHARES = np.cumsum([0.5, 0.16, 0.12, 0.06, 0.16])
PROVIDER_SHARES = np.cumsum([0.34, 0.24, 0.17, 0.12, 0.08, 0.05])

CITY_SPREAD_DEGREES = 0.025
"""Standard deviation of an address around its city's centre: about three kilometres."""

CELL_DEGREES = 0.02
"""Points are taken to be at the nearest multiple of this, about two kilometres, so that few different ones are looked up."""

LONGEST_DIGITS = 4
"""Digits of a telephone number are taken from lists of at most this many digits, which is ten thousand words."""


def person(block: Block, table: str, generator_: Person) -> pl.Series:
    """One part of a person (such as the family name) for each row."""
    model = block.lineage.model
    names = name_lists(model.locale, model.country)
    key = f"person {generator_.of}"
    if generator_.part == "gender":
        return _words(("female", "male"), np.where(_is_female(block, table, key), 0, 1))
    given = block.shared(table, key, "given name", lambda: _given_names(block, table, key, names))
    if generator_.part == "given_name":
        return _words(names.female.words + names.male.words, given)
    family = block.shared(table, key, "family name", lambda: _families(block, table, key, names))
    if generator_.part == "family_name":
        return _words(names.family.words, family)
    if generator_.part == "full_name":
        first, last = _words(names.female.words + names.male.words, given), _words(names.family.words, family)
        frame = pl.DataFrame({"given": first, "family": last})
        order = ["family", "given"] if names.family_first else ["given", "family"]
        return frame.select(pl.concat_str(order, separator=names.between).alias("name")).to_series()
    shape = choose(EMAIL_SHARES, block.uniforms(table, key, "e-mail"))
    digits = (1 + 98 * block.uniforms(table, key, "digits")).astype(np.int64)
    provider = choose(PROVIDER_SHARES, block.uniforms(table, key, "provider"))
    own = block.columns[table][generator_.company] if generator_.company else None
    domain = _at_providers(provider) if own is None else _at_companies(own, model.locale, model.country, provider)
    numbers = np.arange(block.rows[table]) + block.first_row_of(table)
    local = _local_parts(names, given, family, shape, digits)
    return _once_each(local, domain, numbers, first_block=block.number == 0)


def _is_female(block: Block, table: str, key: str) -> Mask:
    return block.uniforms(table, key, "gender") < 0.51


def _given_names(block: Block, table: str, key: str, names: NameLists) -> Integers:
    """Indices into the given names: first the names of women, then those of men."""
    drawn = block.uniforms(table, key, "given name")
    female, male = choose(names.female.cumulative, drawn), choose(names.male.cumulative, drawn)
    return np.where(_is_female(block, table, key), female, male + len(names.female.words))


def _families(block: Block, table: str, key: str, names: NameLists) -> Integers:
    drawn = block.uniforms(table, key, "family name")
    of_women = choose(names.family.cumulative, drawn)
    if names.family.cumulative is names.family_of_men.cumulative:
        return of_women
    return np.where(_is_female(block, table, key), of_women, choose(names.family_of_men.cumulative, drawn))


def _local_parts(
    names: NameLists, given: Integers, family: Integers, shape: Integers, digits: Integers
) -> pl.DataFrame:
    """The part of an e-mail address before the @, as columns to be joined: given name or initial; separator and family name;
    digits, if any.

    Joining costs ten nanoseconds a piece, so pieces that can be listed together are combined into one.
    """
    written = names.ascii_female + names.ascii_male
    initials = tuple(name[:1] for name in written)
    separated = tuple(separator + name for separator in EMAIL_SEPARATORS for name in names.ascii_family)
    return pl.DataFrame(
        {
            "given": _words(written + initials, np.where(shape == INITIAL, given + len(written), given)),
            "family": _words(separated, shape * len(names.ascii_family) + family),
            "digits": _words(("", *map(str, range(1, 100))), np.where(shape == DIGITS, digits, 0)),
        }
    )


def _once_each(local: pl.DataFrame, domain: pl.Series, numbers: Integers, first_block: bool) -> pl.Series:
    """E-mail addresses from the part before the @ and the domain, each unique: a repeated one gets its row's number.

    A block does not know the addresses of earlier blocks, so from the second block on every address gets its row's number.
    """
    frame = local.with_columns(domain=domain, number=pl.Series(numbers))
    parts = [pl.col(name) for name in local.columns]
    numbered = pl.concat_str([*parts, pl.lit("."), pl.col("number").cast(pl.String), pl.col("domain")])
    if not first_block:
        return frame.select(numbered.alias("email")).to_series()
    plain = frame.select(pl.concat_str([*parts, pl.col("domain")]).alias("email")).to_series()
    # Two addresses with the same hash (once in 10**9 blocks) both count as repeated, which is harmless; texts take 5 x as long.
    repeated = np.flatnonzero(~plain.hash(0).is_first_distinct().to_numpy())
    return plain.scatter(repeated, frame[repeated].select(numbered.alias("email")).to_series())


def _at_providers(provider: Integers) -> pl.Series:
    return _words(tuple(f"@{name}.example" for name in country_data()["mail_providers"]), provider)


def _at_companies(company: pl.Series, locale: str, country: str, provider: Integers) -> pl.Series:
    """The company's domain; a mail provider's for a row without a company."""
    domains = pl.DataFrame({"company": company_domains(company, locale, country), "provider": _at_providers(provider)})
    return domains.select(pl.coalesce("@" + pl.col("company"), "provider").alias("domain")).to_series()


def address(block: Block, table: str, generator_: Address) -> pl.Series:
    """One part of an address (such as the postcode) for each row."""
    model, near = block.lineage.model, generator_.near
    listed = places_of if near is None else places_and_towns_of
    places = listed(model.country, model.locale)
    rows = block.rows[table]
    key = f"address {generator_.of}"
    if near is None:
        place = block.shared(
            table, key, "place", lambda: choose(places.cumulative, block.random(table, key).random(rows))
        )
    else:
        coded = is_coded(block.lineage.tables[table], generator_.of)
        place = block.shared(
            table, key, "place", lambda: _near(block, table, near, places, block.random(table, key), coded=coded)
        )
    match generator_.part:
        case "city":
            return _words(places.cities, place)
        case "region":
            return _words(places.regions, place)
        case "country":
            return _words((country_name(model.country, model.locale),), np.zeros(rows, dtype=np.int64))
        case "postcode":
            drawn = block.random(table, key, "postcode").integers(0, places.postcodes_each, rows)
            return _words(places.postcodes, place * places.postcodes_each + drawn)
        case "latitude" | "longitude":
            centres = places.latitudes if generator_.part == "latitude" else places.longitudes
            spread = block.random(table, key, generator_.part).standard_normal(rows) * CITY_SPREAD_DEGREES
            return pl.Series(np.round(centres[place] + spread, 5))
        case "street":
            return _street(block, table, key)
        case "phone":
            return _phones(places.phones, place, block.random(table, key, "phone").integers(0, 10**8, rows))


def _near(
    block: Block, table: str, near: Near, places: Places, random: np.random.Generator, *, coded: bool
) -> Integers:
    """A place for each row near the row's point; one of the country's large cities where no point is known."""
    own = block.columns[table]
    points = np.stack([degrees(own[near.latitude]), degrees(own[near.longitude])], axis=1)
    uniforms = random.random(len(points))
    large = places_of(places.country, block.lineage.model.locale).cumulative
    chosen = choose(large, uniforms)
    cells = np.round(points / CELL_DEGREES)
    known = np.flatnonzero(~np.isnan(cells).any(axis=1))
    if len(known) == 0:
        return chosen
    distinct, cell_of = np.unique(cells[known], axis=0, return_inverse=True)
    order = np.argsort(cell_of, kind="stable")
    bounds = np.searchsorted(cell_of[order], np.arange(len(distinct) + 1))
    for number, (latitude, longitude) in enumerate(distinct * CELL_DEGREES):
        point = (float(latitude), float(longitude), near.within_km, coded)
        if point not in block.kept.near:
            block.kept.near[point] = places.near(*point[:3], coded=coded)
        reached = block.kept.near[point]
        if reached is not None:
            mine = known[order[bounds[number] : bounds[number + 1]]]
            chosen[mine] = reached[0][choose(reached[1], uniforms[mine])]
    return chosen


def degrees(column: pl.Series) -> Floats:
    """Coordinates as floats; nan where there is none."""
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _street(block: Block, table: str, key: str) -> pl.Series:
    model = block.lineage.model
    names = streets(model.locale, model.country)
    entry = country_entry(model.country)
    # House numbers get rarer along a street: log-normal, median 28.
    house = np.clip(np.exp(np.log(28) + 0.9 * block.normals(table, key, "house")), 1, 990).astype(np.int64)
    frame = pl.DataFrame(
        {
            "street": _words(names, (block.uniforms(table, key, "street") * len(names)).astype(np.int64)),
            "house": house,
            "block": 1 + house // 10 % 7,
            "in_block": 1 + house % 30,
        }
    )
    number = (
        pl.format(entry["number"].replace("{block}", "{}").replace("{house}", "{}"), "block", "in_block")
        if "number" in entry
        else pl.col("house").cast(pl.String)
    )
    before, _, after = entry["street"].partition("{street}")
    pieces = [_with_number(before, number), pl.col("street"), _with_number(after, number)]
    return frame.select(pl.concat_str(pieces).alias("street")).to_series()


def _with_number(text: str, number: pl.Expr) -> pl.Expr:
    first, found, last = text.partition("{number}")
    return pl.concat_str([pl.lit(first), number, pl.lit(last)]) if found else pl.lit(text)


def _phones(templates: tuple[str, ...], place: Integers, drawn: Integers) -> pl.Series:
    """Phone numbers from each place's template: ``#`` is filled from eight drawn digits, a range from the last of them."""
    columns = {
        f"piece{number}": _words(words, first[place] + drawn // divisor[place] % modulus[place] % choices[place])
        for number, (words, first, divisor, modulus, choices) in enumerate(_phone_pieces(templates))
    }
    return pl.DataFrame(columns).select(pl.concat_str(pl.all()).alias("phone")).to_series()


@lru_cache(maxsize=16)
def _phone_pieces(
    templates: tuple[str, ...],
) -> list[tuple[tuple[str, ...], Integers, Integers, Integers, Integers]]:
    """The templates cut into pieces; the result is a list of the first pieces, the second pieces, and so on.

    Each entry has the possible words of all templates, and for each template the index of its own first word, and the divisor,
    modulus and number of words that select one of them by the eight drawn digits.
    """
    cut = [_cut_phone(template) for template in templates]
    found = []
    for number in range(max(len(pieces) for pieces in cut)):
        words: list[str] = []
        begins: dict[int, int] = {}  # by identity: equal lists are the same one, and a long one is slow to hash
        rows = []
        for pieces in cut:
            own, divisor, modulus = pieces[number] if number < len(pieces) else (_written(""), 1, 1)
            if id(own) not in begins:
                begins[id(own)] = len(words)
                words += own
            rows.append((begins[id(own)], divisor, modulus, len(own)))
        first, divisors, moduli, choices = np.array(rows, dtype=np.int64).T
        found.append((tuple(words), first, divisors, moduli, choices))
    return found


def _cut_phone(template: str) -> list[tuple[tuple[str, ...], int, int]]:
    """Pieces of a template: the possible words, and the divisor and modulus that select from the eight drawn digits."""
    pieces: list[tuple[tuple[str, ...], int, int]] = []
    used = 0
    rest = template
    while rest:
        if rest[0] == "#":
            length = min(len(rest) - len(rest.lstrip("#")), LONGEST_DIGITS)
            used, rest = used + length, rest[length:]
            pieces.append((_listed(0, 10**length - 1, length), 10 ** (8 - used), 10**length))
        elif rest[0] == "[":
            span, _, rest = rest[1:].partition("]")
            low, high = (int(end) for end in span.split("-"))
            pieces.append((_listed(low, high, 0), 1, 10))
        else:
            length = min((rest.find(mark) for mark in "#[" if mark in rest), default=len(rest))
            pieces.append((_written(rest[:length]), 1, 1))
            rest = rest[length:]
    return pieces


@cache
def _listed(low: int, high: int, width: int) -> tuple[str, ...]:
    """The numbers of a range as texts with leading zeros; the same object every time."""
    return tuple(str(value).zfill(width) for value in range(low, high + 1))


@cache
def _written(text: str) -> tuple[str, ...]:
    """A text that is the only possible one; the same object every time."""
    return (text,)


@lru_cache(maxsize=32)
def country_name(country: str, locale: str) -> str:
    """A country's name in the locale's language, from Unicode CLDR."""
    from babel import Locale, UnknownLocaleError

    try:
        spoken = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        spoken = Locale.parse("en")
    return spoken.territories.get(country, country)


def _words(words: tuple[str, ...], indices: Integers) -> pl.Series:
    return at_rows(pl.Series(words, dtype=pl.String), indices)
