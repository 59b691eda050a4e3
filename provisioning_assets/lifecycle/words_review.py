"""What a CE looks through before a demo is shown: every word that came from the customer's site, with its page and passage."""

from dataclasses import asdict, dataclass
from typing import Any

from provisioning_assets.customers import CustomerRequest
from provisioning_assets.demo_corrections import Confirmation
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.shown_words import ShownWord, digest_of_words, shown_words
from provisioning_assets.research.profile.models import ClaudeReading, CustomerProfile, Evidence, SecondOpinion
from provisioning_assets.store import DemoStore


@dataclass(frozen=True)
class ReadFact:
    """One statement about the company, such as its home country.

    Args:
        what: what is stated.
        value: as the demo uses it.
        doubt: what speaks against it, or how sure it is; may be empty.
        page: where it was read; empty if it is stated by the CE or assumed.
        passage: the words on that page.
    """

    what: str
    value: str
    doubt: str
    page: str
    passage: str


@dataclass(frozen=True)
class WordsReview:
    """What a demo says about its customer.

    Args:
        key: of the customer.
        facts: name, industry, country and currency.
        words: of all slots that the site can fill, the blueprint's own included.
        read_by: whose reading of the site that is; empty: the rules', and Claude was not asked.
        second_opinions: what Claude and the rules read differently.
        digest: of everything that is said; a confirmation holds for it.
        confirmed: the CE's confirmation, if it holds for these words.
    """

    key: str
    facts: tuple[ReadFact, ...]
    words: tuple[ShownWord, ...]
    read_by: str
    second_opinions: tuple[SecondOpinion, ...]
    digest: str
    confirmed: Confirmation | None

    def as_json(self) -> dict[str, Any]:
        """The review as a JSON object, for scripts."""
        return {
            "key": self.key,
            "facts": [asdict(fact) for fact in self.facts],
            "words": [asdict(word) for word in self.words],
            "read_by": self.read_by,
            "second_opinions": [opinion.model_dump(mode="json") for opinion in self.second_opinions],
            "digest": self.digest,
            "confirmed": self.confirmed.model_dump(mode="json") if self.confirmed else None,
        }


def review_of(store: DemoStore, key: str) -> WordsReview:
    """The review of a customer's demo.

    Raises:
        ProvisioningError: the demo has no blueprint yet.
    """
    request = store.read(key, CustomerRequest)
    profile = store.read(key, CustomerProfile)
    made = store.read(key, DemoBlueprint)
    digest = digest_of_words(made)
    confirmed = request.corrections.confirmed
    reading = profile.claude_reading
    return WordsReview(
        key=key,
        facts=tuple(_facts(request, profile)),
        words=tuple(shown_words(made)),
        read_by=_read_by(reading) if reading else "",
        second_opinions=tuple(reading.second_opinions) if reading else (),
        digest=digest,
        confirmed=confirmed if confirmed and confirmed.words == digest else None,
    )


def _read_by(reading: ClaudeReading) -> str:
    return (
        "read by Claude"
        if reading.by == "claude"
        else f"read by the rules, although Claude was asked: {reading.because}"
    )


def _facts(request: CustomerRequest, profile: CustomerProfile) -> list[ReadFact]:
    stated = request.corrections
    industry_doubt = (
        "" if profile.industry_given else f"{profile.confidence:.0%} sure; next: {profile.runner_up or 'none'}"
    )
    if profile.country_confidence:
        country_doubt = f"{profile.country_confidence:.0%} of the signs; {'; '.join(profile.country_reasons)}"
    else:
        country_doubt = "not known: assumed from the language; state it with --country"
    rows = (
        ("company", profile.company_name, "", profile.company_name_evidence, stated.company_name is not None),
        ("industry", profile.industry, industry_doubt, profile.industry_evidence, profile.industry_given),
        (
            "country",
            profile.country,
            "" if stated.country else country_doubt,
            profile.country_evidence,
            bool(stated.country),
        ),
        ("currency", profile.currency, "", profile.currency_evidence, False),
        ("language", profile.language, "", [], False),
    )
    return [
        ReadFact(what, value, "stated by you" if given else doubt, *_where([] if given else evidence))
        for what, value, doubt, evidence, given in rows
    ]


def _where(evidence: list[Evidence]) -> tuple[str, str]:
    return (evidence[0].page, evidence[0].words) if evidence else ("", "")
