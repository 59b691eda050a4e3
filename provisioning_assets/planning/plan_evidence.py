"""What Claude says of the customer, compared with the pages: a quotation that is not on its page drops what rests on it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.planning.models import Claim
from provisioning_assets.research.website.models import CustomerWebsite, WebPage

NOTES = "notes"
"""The page of what the CE has noted, as in the profile's evidence."""

LEAST_QUOTATION = 4
"""Characters of a quotation without white space: fewer occur on any page."""

LONGEST_QUOTATION = 400
"""Characters: a longer one shows nothing in particular."""

_QUOTES = str.maketrans(dict.fromkeys("'`´‘’‚‛′\"“”„‟«»‹›″", "'"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_NUMBER = re.compile(r"\d+")


def pages_as_read(website: CustomerWebsite) -> dict[str, str]:
    """Address of each page -> its visible text; and the CE's notes, if there are any."""
    pages = {page.url: visible_text(page) for page in website.pages}
    return {**pages, **({NOTES: website.notes} if website.notes else {})}


def visible_text(page: WebPage) -> str:
    """What a visitor reads: title, headings, text, menus and labels.

    Alternative texts, metadata, and what the page hides are left out.
    """
    labels = (
        line
        for group in page.groups
        for line in (group.heading, *(f"{label.text} {label.beside}".strip() for label in group.labels))
    )
    lines = (page.title, *page.headings, *page.text.splitlines(), *page.navigation, *labels, *page.footer)
    return "\n".join(shown for line in lines if (shown := page.shown(line)))


class Evidence:
    """The pages that were read, to look quotations up."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self._pages = {url: _normalised(text) for url, text in pages.items()}

    def evidence_occurs(self, page: str, quotation: str) -> bool:
        """Whether the quotation is on the page as it was read; white space and the form of quotation marks may differ."""
        wanted = _normalised(quotation)
        if not len(wanted.replace(" ", "")) >= LEAST_QUOTATION or len(quotation) > LONGEST_QUOTATION:
            return False
        return wanted in self._pages.get(page, "")

    def against_claim(self, claim: Claim) -> str | None:
        """Why a claim does not hold; None if its quotation occurs and has all figures of the claim."""
        if not self.evidence_occurs(claim.page, claim.quotation):
            return "the quotation is not on that page"
        said = _NUMBER.findall(unicodedata.normalize("NFKC", claim.quotation))
        unsaid = [number for number in _NUMBER.findall(unicodedata.normalize("NFKC", claim.text)) if number not in said]
        return f"the quotation does not say {unsaid[0]}" if unsaid else None

    def against_word(self, word: str, page: str, quotation: str) -> str | None:
        """Why a word is not the customer's; None if its quotation occurs and contains it."""
        if not self.evidence_occurs(page, quotation):
            return "the quotation is not on that page"
        return None if _normalised(word) in _normalised(quotation) else "the quotation does not contain it"


def _normalised(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES).translate(_DASHES)
    return " ".join(plain.split()).casefold()


# --- claims ----------------------------------------------------------------------------------------------------------


def proven_claims(
    document: Mapping[str, Any], sections: Iterable[str], given: Any, evidence: Evidence
) -> tuple[dict[str, Any], list[Claim], list[str], list[Problem]]:
    """Return the document without sentences that no page supports, the claims that hold, those dropped, and problems.

    Args:
        document: of the blueprint, with the part in it.
        sections: of the part.
        given: ``claims`` of the answer; anything.
        evidence: the pages.
    """
    kept: list[Claim] = []
    dropped: list[str] = []
    problems: list[Problem] = []
    changed = deepcopy(dict(document))
    for index, entry in enumerate(given if isinstance(given, list) else []):
        try:
            claim = Claim.model_validate(entry)
        except ValidationError:
            problems.append(Problem(("claims", index), "It is not a claim.", "Give text, page and quotation."))
            continue
        if not claim.text.strip() or not any(claim.text in text for _, text in texts_of(changed, sections)):
            remedy = "Copy the sentence as it stands in the story, a challenge or a talk track."
            problems.append(Problem(("claims", index, "text"), "No text of this part has this sentence.", remedy))
        elif (why := evidence.against_claim(claim)) is None:
            kept.append(claim)
        else:
            dropped.append(f"{claim.text} ({why})")
            problems += _without_sentence(changed, sections, claim.text)
    if given is not None and not isinstance(given, list):
        problems.append(Problem(("claims",), "It is not a list.", "Give a list of claims."))
    return changed, kept, dropped, problems


def texts_of(document: Mapping[str, Any], sections: Iterable[str]) -> Iterator[tuple[Place, str]]:
    """Place and content of every text in some sections of a blueprint's document."""
    for section in sections:
        yield from _strings(document.get(section), (section,))


def _strings(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*place, index))


def _without_sentence(document: dict[str, Any], sections: Iterable[str], sentence: str) -> list[Problem]:
    """Take a sentence out of the texts of some sections, in place. Returns the texts of which nothing is left."""
    emptied = []
    for place, text in list(texts_of(document, sections)):
        if sentence in text:
            left = " ".join(text.replace(sentence, " ").split())
            _put(document, place, left)
            if not left:
                remedy = "Write it without what the page does not say."
                emptied.append(Problem(place, "Its only sentence is not supported by the page that it cites.", remedy))
    return emptied


def _put(document: dict[str, Any], place: Place, text: str) -> None:
    found: Any = document
    for part in place[:-1]:
        found = found[part]
    found[place[-1]] = text


# --- words -----------------------------------------------------------------------------------------------------------


class _GivenWord(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str
    group: str | None = None
    page: str | None = None
    quotation: str | None = None


def with_words(
    document: Mapping[str, Any], given: Any, evidence: Evidence, *, fixed: Sequence[str], refused: Iterable[str]
) -> tuple[dict[str, Any], list[str], list[Problem]]:
    """Return the document with the words of an answer in its slots, the words that were dropped, and problems.

    A word whose source was already known keeps it; one with a page is the customer's if its quotation is there, and left out if
    not; any other is the trade's.

    Args:
        document: of the blueprint.
        given: ``words`` of the answer; anything.
        evidence: the pages.
        fixed: slots whose words the CE has chosen.
        refused: words that the CE has dropped.
    """
    if not isinstance(given, dict):
        return dict(document), [], [Problem(("words",), "It is not a mapping.", "Name slots with their words.")]
    changed = deepcopy(dict(document))
    unwanted = {word.casefold() for word in refused}
    dropped: list[str] = []
    problems: list[Problem] = []
    for name, words in given.items():
        slot = changed["slots"].get(name)
        if slot is None or name in fixed:
            free = [each for each in changed["slots"] if each not in fixed]
            said = "Its words were chosen by a person." if name in fixed else "There is no such slot."
            problems.append(Problem(("words", name), said, suggestion(name, free)))
            continue
        known = {str(word["word"]).casefold(): word for word in slot.get("filled", [])}
        filled = []
        for index, entry in enumerate(words if isinstance(words, list) else [words]):
            try:
                word = _GivenWord.model_validate(entry)
            except ValidationError:
                remedy = "Give word, and group, page and quotation where they apply."
                problems.append(Problem(("words", name, index), "It is not a word.", remedy))
                continue
            why = "it was dropped by a person" if word.word.casefold() in unwanted else None
            if why is None and word.page is not None:
                why = evidence.against_word(word.word, word.page, word.quotation or "")
            if why is not None:
                dropped.append(f"{word.word} ({why})")
                continue
            filled.append(_slot_word(word, known.get(word.word.casefold())))
        slot["filled"] = filled
    return changed, dropped, problems


def _slot_word(word: _GivenWord, known: Mapping[str, Any] | None) -> dict[str, Any]:
    group = {} if word.group is None else {"group": word.group}
    if known is not None:
        return {**known, **group}
    if word.page is None:
        return {"word": word.word, **group, "source": "blueprint"}
    return {"word": word.word, **group, "source": "customer", "page": word.page, "passage": word.quotation}
