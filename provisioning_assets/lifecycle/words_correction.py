"""Writes a CE's corrections into the customer's request and makes the demo again from there."""

from collections.abc import Iterable

from rich.console import Console

from provisioning_assets import clock
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.demo_corrections import Confirmation, Corrections
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.provisioning import RunReport, provision_customer
from provisioning_assets.lifecycle.run_progress import RunProgress
from provisioning_assets.lifecycle.words_review import review_of
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.store import DemoStore


def correct(
    store: DemoStore,
    key: str,
    *,
    dropped: tuple[str, ...],
    used: tuple[str, ...],
    name: str | None,
    country: str | None,
    industry: str | None,
    confirmed_by: str | None,
    screen: Console,
) -> RunReport | None:
    """Make the demo again with corrections; a confirmation is recorded for the words that it then has.

    Args:
        store: where the demo is.
        key: of the customer.
        dropped: words that must not be shown, or names of terms; each has to be one that the demo shows now.
        used: ``list=word,word`` for each list with words of the CE's.
        name: of the company.
        country: ISO 3166-1 alpha-2.
        industry: one of the ids.
        confirmed_by: who looked at the words.
        screen: shows the progress.

    Returns:
        the report of the last run; None if nothing was asked for.

    Raises:
        ProvisioningError: a correction cannot be made; nothing was stored then.
    """
    request = store.read(key, CustomerRequest)
    _refuse_unknown_words(store, key, dropped)
    corrected = request.corrections.changed(company_name=name, country=country, dropped=dropped, used=_lists(used))
    report = None
    if corrected != request.corrections or (industry is not None and industry != request.industry):
        report = _again(key, corrected, industry, screen)
        if not report.success:
            return report
    if confirmed_by is not None:
        digest = review_of(store, key).digest
        confirmation = Confirmation(by=confirmed_by.strip()[:80], on=clock.today(), words=digest)
        report = _again(key, corrected.changed(confirmed=confirmation), None, screen)
    return report


def _again(key: str, corrections: Corrections, industry: str | None, screen: Console) -> RunReport:
    asked = {"corrections": corrections.model_dump(mode="json"), "industry": industry}
    with RunProgress(screen) as progress:
        return provision_customer(key, asked, everything=False, progress=progress)


def _lists(used: Iterable[str]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for given in used:
        name, equals, words = given.partition("=")
        named = [word.strip() for word in words.split(",") if word.strip()]
        if not equals or not name.strip() or not named:
            raise ProvisioningError(
                f"{given!r} is not a list with its words.",
                "Give it as LIST=WORD,WORD, e.g. --use plans=Solo,Team,Business",
            )
        lists[name.strip()] = named
    return lists


def _refuse_unknown_words(store: DemoStore, key: str, dropped: Iterable[str]) -> None:
    shown = [word for word in review_of(store, key).words if word.source != "blueprint"]
    terms = {word.slot for word in shown if word.slot in store.read(key, DemoBlueprint).blueprint.terms}
    known = {*(word.word.casefold() for word in shown if word.slot not in terms), *(name.casefold() for name in terms)}
    unknown = [word for word in dropped if word.casefold() not in known]
    if unknown:
        raise ProvisioningError(
            f"The demo shows no word {', '.join(repr(word) for word in unknown)} of the customer's.",
            f"Its words are: {', '.join(word.slot if word.slot in terms else word.word for word in shown)}."
            if shown
            else "It shows no word of the customer's.",
        )
