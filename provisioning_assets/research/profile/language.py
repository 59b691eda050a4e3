"""The main language of a site: the declared languages of its pages, weighted by length, else detected from the text."""

from collections import defaultdict
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from provisioning_assets.research.profile.passages import Part, SitePassages
from provisioning_assets.research.profile.words import same_language

_SAMPLE = 6_000  # characters used for detection
_LEAST_TEXT = 40  # minimum characters for detection
_LEAST_SURE = 0.5
_SECOND_LANGUAGE = 0.15  # minimum share of the text for a second language
_DEFAULT = "en"


def languages_of(reading: SitePassages) -> tuple[str, ...]:
    """The site's languages as ISO 639-1 codes, the main one first; a second one if at least 15% of the text is in it.

    ``en`` if there is too little text.
    """
    amounts: dict[str, float] = defaultdict(float)
    for page in reading.pages:
        if code := same_language(page.language):
            # A start page is mostly menus, so it counts as a page with some text even if little text was extracted.
            amounts[code] += len(page.text) + (600 if page is reading.home else 100)
    if not amounts:
        return (_detected(reading),)
    total = sum(amounts.values())
    ranked = sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        code for place, (code, amount) in enumerate(ranked) if place == 0 or amount / total >= _SECOND_LANGUAGE
    )


def _detected(reading: SitePassages) -> str:
    parts = (Part.NOTES, Part.TEXT, Part.DESCRIPTION, Part.HEADING, Part.TITLE)
    sample = " ".join(passage.text for passage in reading.of(*parts))[:_SAMPLE]
    if len(sample) < _LEAST_TEXT:
        return _DEFAULT
    code, sure = _identifier().classify(sample)
    return same_language(code) or _DEFAULT if sure >= _LEAST_SURE else _DEFAULT


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
