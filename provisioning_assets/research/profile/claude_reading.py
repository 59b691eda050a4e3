"""The profile as Claude reads it from the site: asked for, checked against the pages, and compared with what the rules read."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from provisioning_assets.claude.client import ClaudeClient, ClaudeRequest, Round
from provisioning_assets.claude.errors import ClaudeError
from provisioning_assets.claude.prompts import read_prompt
from provisioning_assets.research.profile.claude_answer import LISTS, CheckedAnswer, SaidProfile, checked_answer
from provisioning_assets.research.profile.company_name import name_key
from provisioning_assets.research.profile.home_market import read_currency
from provisioning_assets.research.profile.labels import comparable
from provisioning_assets.research.profile.lexicon import industries
from provisioning_assets.research.profile.models import (
    ClaudeReading,
    CompanyTerms,
    CustomerProfile,
    Evidence,
    Fact,
    SecondOpinion,
    TermFigure,
    TermName,
)
from provisioning_assets.research.profile.nearby_towns import nearby_towns
from provisioning_assets.research.profile.passages import NOTES, SitePassages, read_passages
from provisioning_assets.research.profile.site_excerpt import SiteExcerpt, excerpt_of
from provisioning_assets.research.website.models import CustomerWebsite

PART = "profile"
PROMPT = Path(__file__).with_name("prompts") / "profile.md"
MOST_ANSWERS = 3
"""Answers that are asked for: one with faults goes back with all of them."""
LONGEST_ANSWER_TOKENS = 8_000
"""About 150 names with their quotations; most sites need a third."""
READ_BY_ONE = 0.5
"""Confidence in an industry or country that one reading says and the other does not."""


def read_with_claude(
    website: CustomerWebsite, rules: CustomerProfile, client: ClaudeClient, *, stated: frozenset[str]
) -> CustomerProfile:
    """Return the profile as Claude reads it, with what the rules read differently.

    Args:
        website: the pages and notes.
        rules: the profile as the rules read it. What they understood in the notes stays.
        client: asks Claude.
        stated: fields of the profile that a person has stated, which stay: company_name, industry, country.

    Raises:
        ClaudeError: there is no answer, or none that has the form of a profile.
    """
    reading = read_passages(website)
    excerpt = excerpt_of(website, reading, rules.language)
    rounds: list[Round] = []
    checked: CheckedAnswer | None = None  # the latest answer with the form of a profile
    while len(rounds) < MOST_ANSWERS and (checked is None or checked.faults):
        try:
            answer = client.ask(_request(excerpt, rounds)).document
        except ClaudeError:
            if checked is None:
                raise
            break
        try:
            checked = checked_answer(SaidProfile.model_validate(answer), excerpt, rules)
        except ValidationError as failure:
            rounds.append(Round(answer, _faults_of_form(failure)))
        else:
            rounds.append(Round(answer, "\n".join((*checked.faults, *checked.left_out))))
    if checked is None:
        raise ClaudeError(
            f"Claude's answer is not a profile after {MOST_ANSWERS} attempts: {rounds[-1].faults.splitlines()[0]}.",
            "The demo goes on with what the rules read.",
        )
    return _profile(checked, rules, reading, stated)


def _request(excerpt: SiteExcerpt, rounds: Sequence[Round]) -> ClaudeRequest:
    ids = "\n".join(f"- {name}: {industry.name}" for name, industry in industries().items())
    return ClaudeRequest(
        part=PART,
        prompt=read_prompt(PROMPT),
        schema=SaidProfile.model_json_schema(),
        shared=(excerpt.as_prompt(),),
        own=f"The industries:\n{ids}\n- general_business: none of these\n\nHand in what the pages say about the company.",
        rounds=tuple(rounds),
        longest_answer_tokens=LONGEST_ANSWER_TOKENS,
    )


def _faults_of_form(failure: ValidationError) -> str:
    """The first twenty faults, one a line, without the values."""
    faults = failure.errors(include_input=False, include_url=False)[:20]
    return "\n".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)


# --- the profile -----------------------------------------------------------------------------------------------------


def _profile(
    checked: CheckedAnswer, rules: CustomerProfile, site: SitePassages, stated: frozenset[str]
) -> CustomerProfile:
    """What holds of Claude's answer, the rules' reading where nothing does, and what a person stated."""
    changed: dict[str, object] = {}
    opinions: list[SecondOpinion] = []
    for single in (_company, _industry, _country, _currency, _language):
        fields, opinion = single(checked, rules)
        if opinion is not None and opinion.about not in stated:
            changed |= fields
            opinions += [opinion] if opinion.claude != opinion.rules else []
    profile = rules.model_copy(update=changed)
    if profile.country != rules.country and checked.currency is None and not rules.currency_evidence:
        profile = profile.model_copy(update={"currency": read_currency(site, profile.country)[0]})
    profile = profile.model_copy(update=_word_fields(checked, rules, profile))
    terms, of_terms = _terms(checked, rules, same_currency=profile.currency == rules.currency)
    profile = profile.model_copy(update=terms)
    opinions += of_terms
    reading = ClaudeReading(
        by="claude",
        left_out=[*checked.faults, *checked.left_out],
        second_opinions=[*opinions, *_words_of_one(checked, rules)],
    )
    return profile.model_copy(update={"claude_reading": reading})


def not_read_by_claude(rules: CustomerProfile, error: ClaudeError) -> CustomerProfile:
    """The rules' profile, with the reason why it is not Claude's."""
    return rules.model_copy(update={"claude_reading": ClaudeReading(by="rules", because=error.problem)})


_Single = tuple[dict[str, object], SecondOpinion | None]
"""Fields of the profile as Claude has them, and both readings; None: the rules' stay, and nothing is compared."""


def _company(checked: CheckedAnswer, rules: CustomerProfile) -> _Single:
    said = checked.company
    if said is None or _is_noted(rules.company_name_evidence):
        return {}, None
    same = name_key(said.value) == name_key(rules.company_name)
    opinion = _opinion("company_name", said, said.value if same else rules.company_name, rules.company_name_evidence)
    return {"company_name": said.value, "company_name_evidence": said.evidence}, opinion


def _industry(checked: CheckedAnswer, rules: CustomerProfile) -> _Single:
    said = checked.industry
    if said is None:
        return {}, None
    agree = said.value == rules.industry
    fields: dict[str, object] = {
        "industry": said.value,
        "industry_evidence": said.evidence,
        # a second reader who agrees halves the doubt
        "confidence": round((1 + rules.confidence) / 2, 4) if agree else READ_BY_ONE,
        "runner_up": (checked.runner_up or rules.runner_up) if agree else rules.industry,
    }
    return fields, _opinion("industry", said, rules.industry, rules.industry_evidence)


def _country(checked: CheckedAnswer, rules: CustomerProfile) -> _Single:
    said = checked.country
    if said is None or _is_noted(rules.country_evidence):
        return {}, None
    known = rules.country if rules.country_confidence else None
    fields: dict[str, object] = {
        "country": said.value,
        "country_evidence": said.evidence,
        "country_confidence": 1.0 if known in {None, said.value} else READ_BY_ONE,
        "country_reasons": [f"read by Claude: {said.value}", *rules.country_reasons],
    }
    return fields, _opinion("country", said, known or said.value, rules.country_evidence)


def _currency(checked: CheckedAnswer, rules: CustomerProfile) -> _Single:
    said = checked.currency
    if said is None or _is_noted(rules.currency_evidence):
        return {}, None
    fields: dict[str, object] = {"currency": said.value, "currency_evidence": said.evidence}
    known = rules.currency if rules.currency_evidence else said.value
    return fields, _opinion("currency", said, known, rules.currency_evidence)


def _language(checked: CheckedAnswer, rules: CustomerProfile) -> _Single:
    said = checked.language
    if said is None:
        return {}, None
    return {"language": said.value}, _opinion("language", said, rules.language, [])


def _opinion(about: str, said: Fact, rules: str, evidence: list[Evidence]) -> SecondOpinion:
    return SecondOpinion(about=about, claude=said.value, rules=rules, evidence=evidence[:1])


def _is_noted(evidence: Iterable[Evidence]) -> bool:
    """Whether the rules read it in the customer engineer's notes."""
    return any(quote.page == NOTES for quote in evidence)


# --- terms ---------------------------------------------------------------------------------------------------------


def _terms(
    checked: CheckedAnswer, rules: CustomerProfile, *, same_currency: bool
) -> tuple[dict[str, object], list[SecondOpinion]]:
    """Terms and tiers of both readings. Where they differ none is taken; what the notes say stays."""
    by_rules: dict[TermName, TermFigure] = {
        name: figure for name, figure in rules.terms.figures.items() if same_currency or figure.unit != "currency"
    }
    figures, opinions = dict(by_rules), list[SecondOpinion]()
    for name, said in checked.terms.figures.items():
        read = by_rules.get(name)
        if read is not None and _is_noted(read.evidence):
            continue
        if read is None or (read.value, read.unit) == (said.value, said.unit):
            figures[name] = said
        else:
            del figures[name]
            opinions.append(
                SecondOpinion(about=name, claude=f"{said.value:g}", rules=f"{read.value:g}", evidence=read.evidence[:1])
            )
    hours, said_hours = rules.terms.opening_hours, checked.terms.opening_hours
    if hours is None or (said_hours is not None and said_hours.periods == hours.periods):
        hours = said_hours
    elif said_hours is not None and not _is_noted(hours.evidence):
        opinions.append(
            SecondOpinion(
                about="opening_hours", claude=said_hours.in_words(), rules=hours.in_words(), evidence=hours.evidence[:1]
            )
        )
        hours = None
    unclear = [*rules.terms.unclear, *(f"{each.about}: {each.claude} or {each.rules}" for each in opinions)]
    known = {*figures, *(["opening_hours"] if hours else [])}
    terms = CompanyTerms(
        figures=figures, opening_hours=hours, unclear=[each for each in unclear if each.split(":")[0] not in known]
    )
    tiers = checked.loyalty_tiers or (rules.loyalty_tiers if same_currency else [])
    return {"terms": terms, "loyalty_tiers": tiers}, opinions


# --- words -----------------------------------------------------------------------------------------------------------


def _word_fields(checked: CheckedAnswer, rules: CustomerProfile, profile: CustomerProfile) -> dict[str, object]:
    """All lists of words as Claude has them, after those of the notes; the rules' if no word of Claude's holds."""
    changed: dict[str, object] = {}
    lists = checked.lists if any(checked.lists.values()) else {name: getattr(rules, name) for name in LISTS}
    read = {comparable(fact.value): fact for name in LISTS for fact in getattr(rules, name)}
    for name in LISTS:
        noted = {comparable(fact.value): fact for fact in getattr(rules, name) if _is_noted(fact.evidence)}
        own = [_with_price(fact, read, keep=profile.currency == rules.currency) for fact in lists[name]]
        changed[name] = [*noted.values(), *(fact for fact in own if comparable(fact.value) not in noted)]
    places = rules.places
    if checked.places:
        noted_places = {comparable(place.name): place for place in rules.places if _is_noted(place.evidence)}
        places = [*noted_places.values(), *(p for p in checked.places if comparable(p.name) not in noted_places)]
    return {**changed, "places": places, "nearby_towns": nearby_towns(places, profile.country)}


def _with_price(fact: Fact, read: dict[str, Fact], *, keep: bool) -> Fact:
    """A word with the price that the rules read for it, which is in the rules' currency."""
    twin = read.get(comparable(fact.value))
    return fact.model_copy(update={"price": twin.price if twin is not None and keep else None})


def _words_of_one(checked: CheckedAnswer, rules: CustomerProfile) -> list[SecondOpinion]:
    """Words and places that only one of the readings has, in whatever list; Claude's first."""
    claude = [(name, fact.value, fact.evidence) for name in LISTS for fact in checked.lists.get(name, ())]
    claude += [("places", place.name, place.evidence) for place in checked.places]
    other = [(name, fact.value, fact.evidence) for name in LISTS for fact in getattr(rules, name)]
    other += [("places", place.name, place.evidence) for place in rules.places]
    by_claude, by_rules = ({comparable(word) for _, word, _ in words} for words in (claude, other))
    return [
        *(
            SecondOpinion(about=name, claude=word, rules=None, evidence=evidence[:1])
            for name, word, evidence in claude
            if comparable(word) not in by_rules
        ),
        *(
            SecondOpinion(about=name, claude=None, rules=word, evidence=evidence[:1])
            for name, word, evidence in other
            if comparable(word) not in by_claude
        ),
    ]
