"""The industry of a website: a weighted count of the words in industries.yaml, with the words as evidence."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.research.profile.lexicon import GENERAL, Occurrence, described, industry_ids, lexicon
from provisioning_assets.research.profile.models import Evidence
from provisioning_assets.research.profile.passages import Part, Passage, SitePassages
from provisioning_assets.research.profile.spoken_of import OTHERS_SHARE, lines_of_others, own_share
from provisioning_assets.research.profile.structured_data import types_of

# Weight of a word by the part of the page that contains it. The values were chosen by reading sites, then left unchanged.
_PART_WEIGHTS = {
    Part.TITLE: 4.0,
    Part.SITE_NAME: 4.0,
    Part.DESCRIPTION: 3.0,
    Part.NOTES: 3.0,
    Part.HEADING: 2.0,
    Part.NAVIGATION: 1.5,
    Part.JSON_LD: 1.0,
    Part.TEXT: 1.0,
    Part.IMAGE: 0.7,
}
_INNER_PAGE = 0.5  # pages other than the start page are about details
_HOUSEKEEPING_PAGE = 0.05  # a privacy statement does not mean that the company is a law firm
_SCHEMA_TYPE = 12.0  # a site that declares itself schema.org/Dentist is one
_GENERAL_SCORE = 5.5  # with less evidence no industry is named; a strong word in a title is slightly more
_SERVING = 1.25  # factor for trades that work for or tell of others: the words of those are on their pages, too, not the reverse
_LEAST_SERVING = 2 * _GENERAL_SCORE  # with less evidence, the factor would favour stray words
_DIVIDED = 0.9  # share of the first trade's score from which the second makes it undecided
_SHARPNESS = 2.5  # exponent of the odds: twice the evidence is 5.7 times as likely
_LEAST_SURE = 0.3  # maximum confidence for general_business, which is a fallback without evidence
_MOST_EVIDENCE = 8


@dataclass(frozen=True)
class IndustryScore:
    """Score of one industry.

    Args:
        industry: id.
        score: weight of the evidence, without unit.
        probability: share of the odds among all industries, 0-1.
        evidence: strongest first.
    """

    industry: str
    score: float
    probability: float
    evidence: tuple[Evidence, ...] = ()


@dataclass
class _Found:
    mass: float = 0.0
    best: float = 0.0
    where: Evidence | None = None


@dataclass
class _Tally:
    """Findings for one industry: term -> weight and best passage; and the schema.org types that the site declares."""

    terms: dict[str, _Found] = field(default_factory=lambda: defaultdict(_Found))
    weights: dict[str, float] = field(default_factory=dict)
    schema: dict[str, Evidence] = field(default_factory=dict)

    def score(self) -> float:
        words = sum(self.weights[term] * math.log2(1 + found.mass) for term, found in self.terms.items())
        return words + _SCHEMA_TYPE * min(1, len(self.schema))

    def evidence(self) -> tuple[Evidence, ...]:
        ranked = sorted(
            self.terms.items(), key=lambda item: (-self.weights[item[0]] * math.log2(1 + item[1].mass), item[0])
        )
        quotes = [*self.schema.values(), *(found.where for _, found in ranked if found.where)]
        unique = {(quote.page, quote.words): quote for quote in quotes}
        return tuple(unique.values())[:_MOST_EVIDENCE]


def rank_industries(reading: SitePassages, languages: tuple[str, ...]) -> list[IndustryScore]:
    """All industries with their scores, most likely first.

    ``general_business`` has a constant score; it is the first if no other has more, or if two have about the same.

    Args:
        reading: the passages of the site.
        languages: ISO 639-1 codes of the site's languages; English is always added.
    """
    tallies: dict[str, _Tally] = {name: _Tally() for name in described()}
    _count_schema_types(reading, tallies)
    of_others = lines_of_others(reading)
    for language in dict.fromkeys((*languages, "en")):
        terms = lexicon(language)
        for passage in reading.passages:
            weight = _weight(passage) * (OTHERS_SHARE if (passage.page, passage.text) in of_others else 1.0)
            if weight and (found := terms.in_text(passage.text, language)):
                _count(passage, found, own_share(passage.text, found, language), weight, tallies)
    scores = {name: _score(name, tally) for name, tally in tallies.items()}
    scores[GENERAL] = max(scores[GENERAL], _general_score(score for name, score in scores.items() if name != GENERAL))
    odds = {name: score**_SHARPNESS for name, score in scores.items()}
    total = sum(odds.values())
    ranked = [
        IndustryScore(
            name,
            round(scores[name], 4),
            round(odds[name] / total, 4),
            tallies[name].evidence(),
        )
        for name in scores
    ]
    return sorted(ranked, key=lambda score: (-score.score, score.industry != GENERAL, score.industry))


def _score(industry: str, tally: _Tally) -> float:
    score = tally.score()
    return score * _SERVING if described()[industry].serves and score >= _LEAST_SERVING else score


def _general_score(scores: Iterable[float]) -> float:
    second, first = sorted(scores)[-2:]
    return first if first > _GENERAL_SCORE and second >= _DIVIDED * first else _GENERAL_SCORE


def confidence_of(score: IndustryScore) -> float:
    """Confidence in an industry, 0-1; at most 0.3 for ``general_business`` without words of a trade of its own."""
    is_fallback = score.industry == GENERAL and not score.evidence
    return min(score.probability, _LEAST_SURE) if is_fallback else score.probability


def check_industry(industry: str) -> str:
    """Return the id if it is valid; otherwise raise ``ProvisioningError`` with the valid ids."""
    if industry not in industry_ids():
        raise ProvisioningError(
            f"{industry!r} is not an industry.", f"Give one of: {', '.join(sorted(industry_ids()))}."
        )
    return industry


def _weight(passage: Passage) -> float:
    weight = _PART_WEIGHTS.get(passage.part, 0.0)
    if passage.housekeeping:
        return weight * _HOUSEKEEPING_PAGE
    return weight if passage.home else weight * _INNER_PAGE


def _count(
    passage: Passage, terms: list[Occurrence], shares: list[float], weight: float, tallies: dict[str, _Tally]
) -> None:
    counted: dict[tuple[str, str], int] = {}
    for occurrence, share in zip(terms, shares, strict=True):
        term = occurrence.term
        key = (term.industry, term.written)
        counted[key] = counted.get(key, 0) + 1
        if counted[key] > 2:  # only two occurrences in one line count
            continue
        tally = tallies[term.industry]
        tally.weights[term.written] = max(term.weight, tally.weights.get(term.written, 0.0))
        found = tally.terms[term.written]
        found.mass += weight * share
        if weight * share > found.best:
            found.best, found.where = weight * share, passage.quote(*_span(passage.text, term.written))


def _span(text: str, written: str) -> tuple[int, int]:
    """Approximate position of a term in a text: its first word, or else the beginning of the text."""
    start = text.lower().find(written.strip("*").split(" ")[0])
    return (max(start, 0), max(start, 0) + len(written))


def _count_schema_types(reading: SitePassages, tallies: dict[str, _Tally]) -> None:
    for page in reading.pages:
        for name in sorted({name for thing in page.json_ld for name in types_of(thing)}):
            for industry, description in described().items():
                if name in description.schema_types:
                    tallies[industry].schema.setdefault(name, Evidence(page=page.url, words=name[:200]))
