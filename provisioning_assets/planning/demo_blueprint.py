"""Makes the customer's blueprint: the industry's file, with the customer's words in its slots and the CE's edits."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from pydantic import ValidationError

from provisioning_assets.demo_corrections import Corrections
from provisioning_assets.demo_edits import Edit
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint, Slot, SlotWord, WordPlace
from provisioning_assets.planning.blueprint_files import load_blueprint, validation_problems
from provisioning_assets.planning.blueprint_rules import filled_problems
from provisioning_assets.planning.blueprint_sources import GENERAL_BLUEPRINT, blueprint_digest, blueprint_ids
from provisioning_assets.planning.edits import edited
from provisioning_assets.planning.markets import Market, market_of
from provisioning_assets.planning.models import BlueprintSource, Customer, DemoBlueprint
from provisioning_assets.planning.slots import LONGEST_READ, ORDERED, PLACES, clean_word, fill_slots
from provisioning_assets.planning.terms import filled_terms, term_values, with_those_who_get_it
from provisioning_assets.planning.word_places import CompanyPlaces, home_of, is_geographic, places_of_words
from provisioning_assets.planning.words import CustomerWords
from provisioning_assets.research.profile.models import CustomerProfile, Evidence

if TYPE_CHECKING:
    from provisioning_assets.customers import CustomerRequest

LONGEST_COMPANY_NAME = 60


def blueprint_for(profile: CustomerProfile, request: "CustomerRequest") -> DemoBlueprint:
    """The blueprint of a customer. The same profile, request and files give the same blueprint.

    The industry is the one that the CE asked for, or else the profile's. If it has no blueprint, ``general_business`` is
    used: ``DemoBlueprint.source`` names the blueprint, and ``DemoBlueprint.industry`` the industry.

    Raises:
        ProvisioningError: an edit cannot be made, or the edited blueprint is not consistent; with all problems.
    """
    industry = request.industry or profile.industry
    chosen = load_blueprint(industry if industry in blueprint_ids() else GENERAL_BLUEPRINT)
    filled = filled_blueprint(chosen, profile, industry, request.corrections)
    return with_edits(filled.model_copy(update={"language": request.language}), request.edits)


def filled_blueprint(
    blueprint: Blueprint, profile: CustomerProfile, industry: str, corrections: Corrections | None = None
) -> DemoBlueprint:
    """A blueprint with the words of a profile in its slots, as far as the CE did not correct them.

    Args:
        blueprint: of the industry, or ``general_business``.
        profile: of the customer.
        industry: of the company.
        corrections: the CE's.

    Raises:
        ProvisioningError: the corrections name a slot that the blueprint does not have.
    """
    corrections = corrections or Corrections()
    _refuse_what_fills_nothing(blueprint, corrections)
    profile = without_dropped(profile, corrections.dropped)
    words = fill_slots(blueprint, profile, home_market(profile), corrections.used)
    company = CompanyPlaces.of_profile(profile)
    home = home_of(company)
    in_slots, added = with_those_who_get_it(blueprint, profile, words.words, corrections)
    slots = {
        name: slot.model_copy(
            update={
                "filled": _slot_words(
                    in_slots[name],
                    words.groups.get(name),
                    words.prices.get(name, {}),
                    _words_of_the_site([slot, *([blueprint.slots[slot.within]] if slot.within else [])], profile)
                    | added.get(name, {}),
                    {word.casefold() for word in corrections.used.get(name, ())},
                    places_of_words(in_slots[name], company, home, slot.known_as(profile.language))
                    if is_geographic(blueprint, name)
                    else {},
                )
            }
        )
        for name, slot in blueprint.slots.items()
    }
    terms = filled_terms(
        blueprint, profile, home_market(profile), in_slots, dropped=corrections.dropped, chosen=corrections.used
    )
    return DemoBlueprint(
        industry=industry,
        customer=Customer(
            company=clean_word(profile.company_name, LONGEST_COMPANY_NAME) or "The company",
            country=profile.country,
            language=profile.language,
            currency=profile.currency,
            home=home,
        ),
        source=BlueprintSource(
            id=blueprint.id,
            version=blueprint.version,
            digest=blueprint_digest(blueprint.id) if blueprint.id in blueprint_ids() else "",
        ),
        blueprint=blueprint.model_copy(update={"slots": slots, **({"terms": terms} if terms else {})}),
    )


def _slot_words(
    words: Iterable[str],
    groups: Sequence[str] | None,
    prices: Mapping[str, float],
    read: Mapping[str, Evidence],
    chosen: Set[str],
    places: Mapping[str, WordPlace],
) -> list[SlotWord]:
    found = []
    for index, word in enumerate(words):
        values: dict[str, object] = {"word": word}
        if groups is not None:
            values["group"] = groups[index]
        if word in prices:
            values["price"] = prices[word]
        if word in places:
            values["place"] = places[word]
        evidence = None if word.casefold() in chosen else read.get(word.casefold())
        values["source"] = "edit" if word.casefold() in chosen else "blueprint" if evidence is None else "customer"
        if evidence is not None and evidence.page:
            values |= {"page": evidence.page, "passage": evidence.words, "under": evidence.under or None}
        found.append(SlotWord.model_validate(values))
    return found


def _refuse_what_fills_nothing(blueprint: Blueprint, corrections: Corrections) -> None:
    known = [*(name for name, slot in blueprint.slots.items() if slot.sources), *blueprint.terms]
    unknown = [name for name in corrections.used if name not in known]
    if unknown:
        raise ProvisioningError(
            f"The blueprint {blueprint.id} has no list of words called {', '.join(unknown)} that can be chosen.",
            f"Its lists are: {', '.join(known)}.",
        )
    for name, words in corrections.used.items():
        slot = blueprint.slots.get(name)
        if slot is not None and ORDERED in slot.sources and not slot.minimum <= len(words) <= slot.maximum:
            wanted = f"{slot.minimum} to {slot.maximum}" if slot.minimum < slot.maximum else str(slot.minimum)
            raise ProvisioningError(
                f"{name} has {len(words)} words, but {wanted} are needed.", "Give all of them, the lowest first."
            )


def without_dropped(profile: CustomerProfile, dropped: Iterable[str]) -> CustomerProfile:
    """The profile without words that the CE dropped, in all its lists; case is ignored."""
    refused = {word.casefold() for word in dropped}
    if not refused:
        return profile
    lists = (
        "plans",
        "services",
        "products",
        "product_categories",
        "courses",
        "features",
        "customer_segments",
        "loyalty_tiers",
    )
    kept: dict[str, object] = {
        name: [fact for fact in getattr(profile, name) if fact.value.casefold() not in refused] for name in lists
    }
    kept["places"] = [place for place in profile.places if place.name.casefold() not in refused]
    return profile.model_copy(update=kept)


def _words_of_the_site(slots: Iterable[Slot], profile: CustomerProfile) -> dict[str, Evidence]:
    """Word in lower case -> where it was read, for all lists of the profile that may fill one of the slots."""
    found: dict[str, Evidence] = {}
    nowhere = Evidence(page="", words="")
    for source in [source for slot in slots for source in slot.sources]:
        if source in PLACES:
            named = [(place.name, place.evidence) for place in profile.places if place.kind in PLACES[source]]
        else:
            named = [(fact.value, fact.evidence) for fact in getattr(profile, source)]
        for value, evidence in named:
            word = clean_word(value, LONGEST_READ)
            if word is not None:
                found.setdefault(word.casefold(), evidence[0] if evidence else nowhere)
    return found


# --- edits -----------------------------------------------------------------------------------------------------------


def with_edits(made: DemoBlueprint, edits: list[Edit]) -> DemoBlueprint:
    """The customer's blueprint with a CE's edits, checked like a file.

    Raises:
        ProvisioningError: an edit cannot be made, or the edited blueprint is not consistent; with all problems.
    """
    if not edits:
        return made
    document, problems = edited(made.blueprint.model_dump(mode="json"), edits)
    _mark_edited_words(document, made.blueprint)
    changed = made.blueprint
    if not problems:
        try:
            changed = _with_places(Blueprint.model_validate(document), made.customer)
        except ValidationError as failure:
            problems = validation_problems(failure)
        else:
            draft = made.model_copy(update={"blueprint": changed})
            problems = filled_problems(changed, customer_words(draft), market_of_customer(made.customer))
    if problems:
        raise ProvisioningError(
            "The edits cannot be made:\n" + "\n".join(f"- {problem}" for problem in problems),
            "Change the edits, then run again; what was there before is kept.",
        )
    return made.model_copy(update={"blueprint": changed, "edits": list(edits)})


def _with_places(blueprint: Blueprint, customer: Customer) -> Blueprint:
    """The blueprint with a place for every word of a slot of places that has none yet, because an edit added it."""
    known = {
        word.place.town: (word.place.country, word.place.region)
        for slot in blueprint.slots.values()
        for word in slot.filled
        if word.place is not None and word.place.known_by == "name"
    }
    company = CompanyPlaces(customer.country, customer.language, known)
    slots = dict(blueprint.slots)
    for name, slot in slots.items():
        new = [word.word for word in slot.filled if word.place is None] if is_geographic(blueprint, name) else []
        places = places_of_words(new, company, customer.home, slot.known_as(customer.language))
        filled = [
            word.model_copy(update={"place": places[word.word]}) if word.word in places else word
            for word in slot.filled
        ]
        slots[name] = slot.model_copy(update={"filled": filled}) if places else slot
    return blueprint.model_copy(update={"slots": slots})


def _mark_edited_words(document: dict[str, object], before: Blueprint) -> None:
    """Mark words and terms that an edit has changed as the CE's; those that were there keep their source."""
    terms = document.get("terms")
    for name, term in terms.items() if isinstance(terms, dict) else ():
        now = term.get("filled") if isinstance(term, dict) else None
        earlier = before.terms[name].filled if name in before.terms else None
        if isinstance(now, dict) and earlier is not None and now != earlier.model_dump(mode="json"):
            term["filled"] = {key: now[key] for key in ("value", "hours", "given_to") if key in now} | {
                "source": "edit"
            }
    slots = document.get("slots")
    for name, slot in slots.items() if isinstance(slots, dict) else ():
        earlier = before.slots[name].filled if name in before.slots else []
        known = {word.word: word.model_dump(mode="json") for word in earlier}
        filled = slot.get("filled") if isinstance(slot, dict) else None
        for index, entry in enumerate(entries := filled if isinstance(filled, list) else []):
            word = {"word": entry} if isinstance(entry, str) else entry
            if not isinstance(word, dict):
                continue
            own = {key: word[key] for key in ("word", "group", "price") if key in word}
            found = known.get(str(word.get("word")))
            entries[index] = {**own, "source": "edit"} if found is None else {**found, **own}


# --- what follows from it --------------------------------------------------------------------------------------------


def home_market(profile: CustomerProfile) -> Market:
    """The market (locale, price level and cities) of the profile's country, language and currency."""
    return market_of(profile.country, profile.language, profile.currency)


def market_of_customer(customer: Customer) -> Market:
    """The market (locale, price level and cities) of the customer's country, language and currency."""
    return market_of(customer.country, customer.language, customer.currency)


def customer_words(made: DemoBlueprint) -> CustomerWords:
    """The words in a customer's blueprint."""
    slots = made.blueprint.slots
    market = market_of_customer(made.customer)
    terms = term_values(made.blueprint.terms, market)
    return CustomerWords(
        slots={name: [word.word for word in slot.filled] for name, slot in slots.items()},
        facts={
            "company": made.customer.company,
            "currency": market.currency,
            "country": market.country,
            "price_level": market.price_level,
            **terms.numbers,
        },
        lists=terms.lists,
        rhythms=terms.rhythms,
        groups={
            name: [word.group or "" for word in slot.filled] for name, slot in slots.items() if slot.within is not None
        },
        prices={
            name: asked
            for name, slot in slots.items()
            if (asked := {word.word: word.price for word in slot.filled if word.price is not None})
        },
        places={
            name: known
            for name, slot in slots.items()
            if (known := {word.word: word.place for word in slot.filled if word.place is not None})
        },
        home=made.customer.home,
    )
