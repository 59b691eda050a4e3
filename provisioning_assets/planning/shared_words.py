"""Data that every blueprint may use by name: calendars, peaks, words in many languages, and words of website menus.

Data: ``shared/rhythms.yaml``, ``shared/words.yaml``, ``shared/menu_words.yaml``.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeVar, get_args

from pydantic import Field

from provisioning_assets.artefact import Document
from provisioning_assets.data_model.peaks import Peak, PeakDate
from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.planning.blueprint_sources import read_shared

RhythmKind = Literal["hours", "weekdays", "months"]
"""Kind of a rhythm: 24 weights from midnight on, 7 from Monday on, or 12 from January on."""


SomeDocument = TypeVar("SomeDocument", bound=Document)


class UnknownNameError(ValueError):
    """A name that the shared files do not contain.

    ``message`` says which name was given; ``remedy`` says which one was most likely meant and which are accepted.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


def named_rhythm(kind: RhythmKind, name: str) -> list[float]:
    """Relative weights of a named calendar.

    Args:
        kind: hours (24 weights, midnight first), weekdays (7, Monday first) or months (12, January first).
        name: as written in ``shared/rhythms.yaml``.

    Returns:
        A new list; its weights are 0 or more.

    Raises:
        UnknownNameError: there is no such calendar of this kind.
    """
    named = _rhythms()[kind]
    if name not in named:
        raise UnknownNameError(f"'{name}' is not a rhythm of {kind}.", suggestion(name, named))
    return list(named[name])


class NamedCalendar(Document):
    """When a kind of event happens; what is None is left open."""

    hours: list[float] | None = None
    weekdays: list[float] | None = None
    holidays: float | None = Field(default=None, ge=0, le=1, description="factor on public holidays")


class _DateInCountries(PeakDate):
    """A date of a peak in some countries, or in all."""

    countries: list[str] | None = Field(default=None, alias="in")
    never: bool = False


class NamedPeak(Document):
    """A peak of a trade, with its dates by country; the first that has the country, or names none, holds."""

    factor: float = Field(ge=0)
    shape: dict[int, float]
    when: list[_DateInCountries] = Field(min_length=1)

    def in_country(self, name: str, country: str) -> Peak | None:
        """The peak as one country has it (ISO 3166-1 alpha-2); None if it has none."""
        for date in self.when:
            if date.countries is None or country in date.countries:
                on = PeakDate.model_validate(date.model_dump(exclude={"countries", "never"}))
                return None if date.never else Peak(name=name, factor=self.factor, shape=self.shape, on=on)
        return None


def calendar_named(name: str) -> NamedCalendar:
    """Hours, weekdays and holidays of a named calendar.

    Raises:
        UnknownNameError: there is no such calendar.
    """
    return _named("calendar", name, _calendars())


def calendar_names() -> list[str]:
    """Names of the whole calendars, in the file's order."""
    return list(_calendars())


def peak_named(name: str) -> NamedPeak:
    """A named peak of a trade.

    Raises:
        UnknownNameError: there is no such peak.
    """
    return _named("peak", name, _peaks())


def peak_names() -> list[str]:
    """Names of the peaks, in the file's order."""
    return list(_peaks())


def _named(what: str, name: str, among: Mapping[str, SomeDocument]) -> SomeDocument:
    if name not in among:
        raise UnknownNameError(f"'{name}' is not a {what}.", suggestion(name, among))
    return among[name].model_copy(deep=True)


def rhythm_names(kind: RhythmKind) -> list[str]:
    """Names of the calendars of one kind, in the file's order."""
    return list(_rhythms()[kind])


def shared_words(name: str) -> dict[str, list[str]]:
    """Language (ISO 639-1) -> words, the most important first.

    Args:
        name: as written in ``shared/words.yaml``.

    Raises:
        UnknownNameError: there is no such list of words.
    """
    named = _words()
    if name not in named:
        raise UnknownNameError(f"'{name}' is not a list of shared words.", suggestion(name, named))
    return {language: list(words) for language, words in named[name].items()}


def word_list_names() -> list[str]:
    """Names of the shared lists of words, in the file's order."""
    return list(_words())


@cache
def menu_words() -> frozenset[str]:
    """Words of menus, offers and legal pages in all languages, case-folded. They never fill a slot."""
    by_kind: Mapping[str, Mapping[str, list[str]]] = read_shared("menu_words.yaml")
    return frozenset(
        word.casefold() for by_language in by_kind.values() for words in by_language.values() for word in words
    )


@cache
def _rhythms() -> Mapping[str, Mapping[str, tuple[float, ...]]]:
    data = read_shared("rhythms.yaml")
    return {
        kind: {name: tuple(float(weight) for weight in weights) for name, weights in data[kind].items()}
        for kind in get_args(RhythmKind)
    }


@cache
def _calendars() -> Mapping[str, NamedCalendar]:
    kinds: tuple[RhythmKind, ...] = ("hours", "weekdays")
    return {
        name: NamedCalendar.model_validate(
            settings
            | {kind: named_rhythm(kind, settings[kind]) for kind in kinds if isinstance(settings.get(kind), str)}
        )
        for name, settings in read_shared("rhythms.yaml")["calendars"].items()
    }


@cache
def _peaks() -> Mapping[str, NamedPeak]:
    data = read_shared("rhythms.yaml")
    for peak in data["peaks"].values():
        for date in peak["when"]:
            if date.get("in") == "southern":
                date["in"] = data["southern"]
    return {name: NamedPeak.model_validate(peak) for name, peak in data["peaks"].items()}


@cache
def _words() -> Mapping[str, Mapping[str, list[str]]]:
    return read_shared("words.yaml")
