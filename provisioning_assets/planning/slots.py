"""Fills a blueprint's slots with the customer's words: cleaned, limited in number, without repetition, in a fixed order."""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from provisioning_assets.planning.blueprint import Blueprint, Slot
from provisioning_assets.planning.blueprint_rows import RowsOfWords
from provisioning_assets.planning.likeness import mean_the_same
from provisioning_assets.planning.markets import Market
from provisioning_assets.planning.models import WhoseWords
from provisioning_assets.planning.shared_words import menu_words
from provisioning_assets.planning.word_places import CompanyPlaces, apart, nearest_first
from provisioning_assets.research.profile.models import CustomerProfile, Evidence, Fact, Place

LEFTOVER_WORDS = 8
"""Largest number of words in the group for words that fit no other group, so that this group does not dominate."""

LONGEST_READ = 500
"""Characters of a word that are read at most; a word that does not fit its slot is left out, because names are never cut."""

STEM = 5
"""Number of first letters by which words are compared: 'vitamins' and 'vitamin', 'Schuhe' and 'Laufschuhen'."""

PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "places": ("city", "region", "country"),
        "cities": ("city",),
        "regions": ("region",),
        "countries": ("country",),
    }
)
"""Source of a slot that consists of places -> the kinds of places of the profile that it takes."""

ORDERED = "loyalty_tiers"
"""Source whose words are steps of a ladder: a slot takes all of them in their order, or its own words."""

FEWEST_OWN = 2
"""Smallest number of the customer's words that are shown beside a blueprint's own. A single one looks odd there."""

FEWEST_ABROAD = 3
"""Smallest number of cities abroad that are used if no city at home is known. Fewer are probably towns at home with the same
name, or holiday destinations."""

_TAG = re.compile(r"<[^<>]{0,2000}>")
_ADDRESS = re.compile(r"(?i)\b(?:https?://|www\.)\S+|\S+@\S+\.\S+")
_EDGES = " \t-–—_:;,.·•*|/\\\"'`“”„‘’«»‹›()[]+=~^#$%&!?¡¿@"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_SYMBOLS = ("So", "Sk")


@dataclass(frozen=True)
class _UsedWords:
    """Words of the slots that are filled already, without places, and whether each word is a group of customers."""

    language: str
    words: tuple[tuple[str, bool], ...] = ()

    def with_words_of(self, slot: Slot, words: Iterable[str]) -> "_UsedWords":
        """These words and the words of a slot; names of places are not added."""
        of_customers = "customer_segments" in slot.sources
        return (
            self
            if _is_of_places(slot)
            else _UsedWords(self.language, (*self.words, *((w, of_customers) for w in words)))
        )

    def has_same_meaning(self, word: str, slot: Slot, so_far: Iterable[str]) -> bool:
        """Whether ``word`` of the slot means the same as one of these words, or as one of the slot's words so far."""
        of_customers = "customer_segments" in slot.sources
        return any(mean_the_same(word, own, self.language, of_customers=of_customers) for own in so_far) or any(
            mean_the_same(word, other, self.language, of_customers=of_customers and both) for other, both in self.words
        )


@dataclass(frozen=True)
class FilledSlots:
    """The words of every slot and where they come from.

    ``groups`` are the groups of the words of a slot within another slot; ``prices`` are the customer's own, where known.
    """

    words: Mapping[str, list[str]]
    groups: Mapping[str, list[str]]
    sources: Mapping[str, WhoseWords]
    prices: Mapping[str, Mapping[str, float]]


def fill_slots(
    blueprint: Blueprint,
    profile: CustomerProfile,
    market: Market,
    chosen: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> FilledSlots:
    """Fill every slot. A slot within another slot is filled after the slot that groups its words.

    Args:
        blueprint: whose slots are filled.
        profile: of the customer.
        market: of the customer.
        chosen: name of a slot -> words that the CE chose; they take the place of the profile's.

    Returns:
        The words of every slot, between its minimum and its maximum number. Words of a slot differ when case is ignored.
        No two words of all slots mean the same, except names of places, fallback words that a slot needs to reach its minimum,
        and slots without sources, which keep the blueprint's list as it is.
    """
    used = _UsedWords(profile.language)
    words: dict[str, list[str]] = {}
    groups: dict[str, list[str]] = {}
    sources: dict[str, WhoseWords] = {}
    for name, slot in blueprint.slots.items():
        if slot.within is None:
            known, fewest = _known_for(slot, profile, chosen.get(name))
            words[name], sources[name] = _plain_slot(slot, known, market, used, fewest)
            used = used.with_words_of(slot, words[name])
    for name, slot in blueprint.slots.items():
        if slot.within is not None:
            outer = blueprint.slots[slot.within]
            spare = {*_fallback_words(outer, profile.language), *outer.fallback_words("en")}
            words[name], groups[name], sources[name] = _grouped_slot(
                slot, words[slot.within], spare, _known_for(slot, profile, chosen.get(name))[0], used
            )
            used = used.with_words_of(slot, words[name])
    prices = {name: asked for name, slot in blueprint.slots.items() if (asked := _prices(slot, words[name], profile))}
    for name, slot in blueprint.slots.items():  # a word that stands for its own group has the price of the group
        for word in words[name] if slot.within is not None else ():
            if word in prices.get(slot.within or "", {}):
                prices.setdefault(name, {}).setdefault(word, prices[slot.within or ""][word])
    for name in _priced_in_order(blueprint):
        if name in prices and len(prices[name]) == len(words[name]):
            words[name] = sorted(words[name], key=lambda word, asked=prices[name]: asked[word])
            prices[name] = {word: prices[name][word] for word in words[name]}
    return FilledSlots(
        words={name: words[name] for name in blueprint.slots},
        groups=groups,
        sources={name: sources[name] for name in blueprint.slots},
        prices=prices,
    )


def _priced_in_order(blueprint: Blueprint) -> list[str]:
    """Slots with one row per word and with dealt `values` that include prices.

    Their words are sorted by price, so that the other dealt values rise with the price.
    """
    rows = [table.rows for table in blueprint.tables.values() if isinstance(table.rows, RowsOfWords)]
    return [each.each for each in rows if each.each in blueprint.slots and each.deals_prices]


def _prices(slot: Slot, words: list[str], profile: CustomerProfile) -> dict[str, float]:
    """Prices on the customer's site for the words of a slot, in the words' order."""
    asked: dict[str, float] = {}
    for source in slot.sources:
        for fact in [] if source in PLACES else getattr(profile, source):
            word = clean_word(fact.value, LONGEST_READ)
            if word is not None and fact.price is not None:
                asked.setdefault(word.casefold(), fact.price)
    return {word: asked[word.casefold()] for word in words if word.casefold() in asked}


# --- one word ------------------------------------------------------------------------------------------------------


def clean_word(raw: str, longest: int = 40) -> str | None:
    """A word from a website, cleaned so that it can be a value in a table.

    Removed are markup, addresses, control and direction characters, pictures and trademark signs, braces and angle
    brackets, and the text after a ``|`` (a site's name in a page title). A text that is too long is cut between words; in
    a script without spaces it is cut at the maximum length.

    Returns:
        The word, or None if no letter is left.
    """
    text = html.unescape(html.unescape(raw[:5000]))
    text = _ADDRESS.sub(" ", _TAG.sub(" ", text))
    text = unicodedata.normalize("NFC", text)
    text = "".join(
        " " if character.isspace() else "" if unicodedata.category(character) in _UNSEEN + _SYMBOLS else character
        for character in text
    )
    text = re.sub(r"[{}<>`]", " ", text).split("|")[0]
    text = _without_edges(re.sub(r"\s+", " ", text))
    if len(text) > longest:
        cut = text[: longest + 1]
        text = _without_edges(cut[: cut.rindex(" ")] if " " in cut[longest // 3 :] else cut[:longest])
    return text if any(character.isalpha() for character in text) else None


def _without_edges(text: str) -> str:
    """The text without signs at its edges; a bracket stays if its partner is within: "Lessons (private)".

    A bracket without a partner is removed, if it opens with all that follows: "Lessons (private" is "Lessons".
    """
    inner = text.strip(_EDGES)
    if not inner:
        return ""
    start = text.index(inner)
    end = start + len(inner)
    for opening, closing in ("()", "[]"):
        if inner.count(opening) > inner.count(closing):
            if text[end : end + 1] == closing:
                return inner + closing
            inner = inner[: inner.rindex(opening)].rstrip(_EDGES)
        elif inner.count(opening) < inner.count(closing):
            if start and text[start - 1] == opening:
                return opening + inner
            inner = inner.replace(closing, "", 1)
    return inner


def distinct(words: Iterable[str], refuse: Iterable[str] = ()) -> list[str]:
    """The words in their order, each once in its first spelling, without the refused ones; case is ignored."""
    seen = {word.casefold() for word in refuse}
    result = []
    for word in words:
        if word.casefold() not in seen:
            seen.add(word.casefold())
            result.append(word)
    return result


# --- plain slots ---------------------------------------------------------------------------------------------------


def _is_of_places(slot: Slot) -> bool:
    """Whether the slot's words are places, which are compared exactly: Essen, a city, is not the plural of Esse."""
    return bool(slot.sources) and all(source in PLACES for source in slot.sources)


def _unlike(words: Iterable[str], slot: Slot, used: _UsedWords, refuse: Iterable[str] = ()) -> list[str]:
    """Distinct words, without those that mean the same as an earlier one or as a word of another slot."""
    result: list[str] = []
    for word in distinct(words, refuse):
        if _is_of_places(slot) or not used.has_same_meaning(word, slot, result):
            result.append(word)
    return result


def _refused(slot: Slot) -> list[str]:
    """Words of the site that are not used. Menu words are allowed for places, which are checked already: Sale is a town."""
    return [*slot.refused_words(), *(() if _is_of_places(slot) else menu_words())]


def _known_for(slot: Slot, profile: CustomerProfile, chosen: Sequence[str] | None) -> tuple[CustomerProfile, int]:
    """The profile as a slot sees it, with the CE's words instead of the site's if there are any; and the fewest own words."""
    if not chosen or not slot.sources:
        return profile, FEWEST_OWN
    by_ce = [Evidence(page="CE", words=word) for word in chosen]
    if all(source in PLACES for source in slot.sources):
        kind = PLACES[slot.sources[0]][0]
        places = [
            Place.model_validate({"name": quote.words, "kind": kind, "country": profile.country, "evidence": [quote]})
            for quote in by_ce
        ]
        return profile.model_copy(update={"places": places}), 1
    facts = [Fact(value=quote.words, evidence=[quote]) for quote in by_ce]
    lists: dict[str, list[Fact]] = {source: [] for source in slot.sources if source not in PLACES}
    return profile.model_copy(update={**lists, next(iter(lists)): facts}), 1


def _plain_slot(
    slot: Slot, profile: CustomerProfile, market: Market, used: _UsedWords, fewest: int
) -> tuple[list[str], WhoseWords]:
    """The words of a slot that is not within another, and whose they are; fewer own words than ``fewest`` are not used."""
    if not slot.sources:  # rows are dealt values by position, so a word that another slot has too stays where it is
        return distinct(_fallback_words(slot, profile.language))[: slot.maximum], "blueprint"
    if ORDERED in slot.sources:
        steps = _source_words(profile, ORDERED)
        own = distinct(_cleaned(steps, slot))
        if len(own) == len(steps) and slot.minimum <= len(own) <= slot.maximum:
            return own, "customer"
        return distinct([*_fallback_words(slot, profile.language), *slot.fallback_words("en")])[
            : slot.maximum
        ], "blueprint"
    own = _unlike(_cleaned(_noted_words(slot, profile), slot), slot, used, _refused(slot))
    for source in slot.sources:
        if len(own) < slot.minimum:
            found = [*own, *_cleaned(_source_words(profile, source), slot)]
            own = _unlike(found, slot, used, _refused(slot))
    geographic = "cities" in slot.sources or "places" in slot.sources
    if geographic:
        own = apart(own, (), CompanyPlaces.of_profile(profile))
    own = own[: slot.maximum]
    if len(own) >= slot.minimum:
        return own, "customer"
    if len(own) < min(fewest, slot.minimum) and not geographic:
        own = []
    spare = _cities_that_complete(slot, own, profile, market) if geographic else _fallback_words(slot, profile.language)
    spare = spare[: slot.maximum]
    if not own:
        wanted = max(slot.minimum, len(spare))
        return _enough([*spare, *slot.fallback_words("en")], wanted, slot, used), "blueprint"
    return _enough([*own, *spare, *slot.fallback_words("en")], slot.minimum, slot, used), "mixed"


def _cities_that_complete(slot: Slot, own: Sequence[str], profile: CustomerProfile, market: Market) -> list[str]:
    """Cities for a slot that has too few of the customer's, none of which is one of them under another name."""
    company = CompanyPlaces.of_profile(profile)
    cities = [*(() if slot.far_apart else profile.nearby_towns), *market.cities]
    if slot.least_km is None:
        return apart(cities, own, company)
    known_as = slot.known_as(profile.language)
    first = next(iter([*own, *cities]), "")
    abroad = nearest_first(_fallback_words(slot, profile.language), first, company, known_as)
    return apart([*cities, *abroad], own, company, slot.least_km, known_as)


def _noted_words(slot: Slot, profile: CustomerProfile) -> list[str]:
    """Words from the CE's notes, of all lists that may fill the slot: what a person states goes before the site."""
    facts = [fact for source in slot.sources if source not in PLACES for fact in getattr(profile, source)]
    return [fact.value for fact in facts if fact.evidence[0].page == "notes"]


def _enough(words: list[str], wanted: int, slot: Slot, used: _UsedWords) -> list[str]:
    """The first ``wanted`` words; words that mean the same as others are used only if there are no others."""
    return distinct([*_unlike(words, slot, used), *words])[:wanted]


def _cleaned(raw: Iterable[str], slot: Slot) -> list[str]:
    cleaned = (clean_word(word, LONGEST_READ) for word in raw)
    return [word for word in cleaned if word is not None and len(word) <= slot.longest]


def _source_words(profile: CustomerProfile, source: str) -> list[str]:
    """One of the profile's lists as plain words, the most important first; places abroad come after those at home."""
    if source in PLACES:
        named = [place for place in profile.places if place.kind in PLACES[source]]
        home = [place.name for place in named if place.country in (None, profile.country)]
        abroad = [place.name for place in named if place.country not in (None, profile.country)]
        return home + abroad if home or len(abroad) >= FEWEST_ABROAD else home
    facts: list[Fact] = getattr(profile, source)
    return [fact.value for fact in facts]


def _fallback_words(slot: Slot, language: str) -> list[str]:
    return slot.fallback_words(language) or slot.fallback_words("en")


# --- slots within another ------------------------------------------------------------------------------------------


def _own_facts(slot: Slot, profile: CustomerProfile) -> list[Fact]:
    """The profile's facts that may fill a slot within another."""
    return [fact for source in slot.sources for fact in getattr(profile, source)]


def _grouped_slot(
    slot: Slot, groups: list[str], spare: set[str], profile: CustomerProfile, used: _UsedWords
) -> tuple[list[str], list[str], WhoseWords]:
    """The words of a slot within another, the group of each, and whose they are.

    The customer's own words stay in the group that the site gives them. Words that fit no group are dealt in turn to the
    groups in ``spare``, which are the blueprint's, or form a group of their own. A group that has too few words is filled with the
    blueprint's words for it, then with those for any group; if there are none, it has one word: its own name.
    """
    by_group: dict[str, list[str]] = {group: [] for group in groups}
    leftover: list[str] = []
    refused = {word.casefold() for word in [*groups, *_refused(slot)]}

    def is_taken(word: str) -> bool:
        return word.casefold() in refused or used.has_same_meaning(word, slot, chain(leftover, *by_group.values()))

    for fact in _own_facts(slot, profile):
        word = clean_word(fact.value, LONGEST_READ)
        if word is None or len(word) > slot.longest or is_taken(word):
            continue
        group = _group_of(word, fact, groups)
        if group is None:
            leftover.append(word)
        elif len(by_group[group]) < slot.maximum:
            by_group[group].append(word)
    own = sum(len(words) for words in by_group.values()) + len(leftover)
    open_to_all = [group for group in groups if group in spare][: max(1, len(leftover) // FEWEST_OWN)]
    label = slot.leftover_group(profile.language)
    if open_to_all:
        for place, word in enumerate(leftover):
            group = by_group[open_to_all[place % len(open_to_all)]]
            if len(group) < slot.maximum:
                group.append(word)
    elif label and len(leftover) >= FEWEST_OWN:
        by_group[label] = leftover[:LEFTOVER_WORDS]
    leftover.clear()
    added = 0
    for_any = iter([*_fallback_words(slot, profile.language), *slot.fallback_words("en")])
    for group, words in by_group.items():
        if len(words) >= min(FEWEST_OWN, slot.minimum):
            continue  # a range of few articles is shown as it is
        for word in chain(_usual_words(slot, group), for_any):
            if len(words) >= slot.minimum:
                break
            if not is_taken(word):
                words.append(word)
                added += 1
        if not words:
            words.append(group)
    pairs = [(word, group) for group, words in by_group.items() for word in words]
    whose: WhoseWords = "blueprint" if own == 0 else "mixed" if added else "customer"
    return [word for word, _ in pairs], [group for _, group in pairs], whose


def _usual_words(slot: Slot, group: str) -> list[str]:
    """The blueprint's words for a group: those for exactly this name, else those for the words in the name, in turn."""
    if group in slot.words_within:
        return slot.words_within[group]
    near = [slot.words_near[word] for word in slot.words_near if set(_letters(word)) <= set(_letters(group))]
    return [word for turn in zip_longest(*near) for word in turn if word is not None]


def _group_of(word: str, fact: Fact, groups: list[str]) -> str | None:
    """The group of a word; None if no group fits.

    That is the group that the site gives, else the one whose name has the largest share of its words in the word or in the
    address of the page where the word was read (counted double).
    """
    if fact.within is not None and clean_word(fact.within) in groups:
        return clean_word(fact.within)
    named = _letters(word)
    paged = [letters for evidence in fact.evidence for letters in _letters(unquote(urlsplit(evidence.page).path))]
    best, best_score = None, 0.0
    for group in groups:
        stems = {_stem(letters) for letters in _letters(group)}
        hits = sum(_holds(named, stem) + 2 * _holds(paged, stem) for stem in stems)
        if stems and hits / len(stems) > best_score:
            best, best_score = group, hits / len(stems)
    return best


def _letters(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{3,}", text.casefold())


def _stem(letters: str) -> str:
    """The first letters of a word: 'shoes' -> 'shoe', 'vitamins' -> 'vitam'.

    A word of up to four letters loses only a final s, so that 'care' does not become 'car'.
    """
    return letters[: min(STEM, len(letters) - 1)] if len(letters) > STEM - 1 else letters.removesuffix("s")


def _holds(words: list[str], stem: str) -> bool:
    """Whether one of the words has the stem.

    A stem of full length may be anywhere in a compound ('Laufschuhe'). A shorter one must be the whole word, except for one
    letter at its end ('dogs').
    """
    return any(
        stem in word if len(stem) == STEM else word.startswith(stem) and len(word) <= len(stem) + 1 for word in words
    )
