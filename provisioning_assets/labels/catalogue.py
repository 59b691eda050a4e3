"""What the product itself writes in a demo, by language: one YAML file each. English is the reference.

A text names its values in braces, ``{count}`` or ``{company}``. A text that counts has the plural forms of its language (CLDR):
``{one: ..., other: ...}``; one text alone is the form ``other``.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from pydantic import ConfigDict, ValidationInfo, model_validator

from provisioning_assets.artefact import Document
from provisioning_assets.figure_text import quantity
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE, LANGUAGES, locale_of

FOLDER = Path(__file__).parent


class Counted(Document):
    """A text that depends on a number."""

    model_config = ConfigDict(frozen=True)

    language: str
    one: str | None = None
    other: str

    @model_validator(mode="before")
    @classmethod
    def _read(cls, written: Any, info: ValidationInfo) -> Any:
        forms = {"other": written} if isinstance(written, str) else written
        return {"language": (info.context or {}).get("language"), **forms} if isinstance(forms, Mapping) else forms

    def of(self, count: float, *, shown: str | None = None, **values: object) -> str:
        """The text for a number.

        Args:
            count: the number, which stands for ``{count}``.
            shown: what stands for it instead.
            values: further values by name.
        """
        from babel import Locale

        form = self.one if Locale.parse(locale_of(self.language)).plural_form(count) == "one" else None
        return (form or self.other).format(
            count=quantity(count, 0, self.language) if shown is None else shown, **values
        )


class BookletLabels(Document):
    """The booklet's own texts, in the order of the page."""

    skip: str
    kind: str
    sections: str
    story: str
    findings: str
    script: str
    data: str
    glossary: str
    sources: str
    proof: str
    minutes_to_show: str
    scenes: str
    questions: str
    tables: str
    rows: str
    story_title: str
    challenges: str
    answered_in: str
    question_inline: str
    question: str
    key_figures: str
    better_up: str
    better_down: str
    in_unit: str
    findings_title: str
    findings_lead: str
    script_title: str
    script_lead: str
    show_questions_of: str
    all: str
    complexities: dict[str, str]
    open_all: str
    close_all: str
    min: str
    scene_meta: str
    scene_minutes: Counted
    scene_questions: Counted
    say: str
    missing: Counted
    missing_link: str
    missing_end: str
    nothing: str
    more_title: str
    more_lead: str
    data_title: str
    data_lead: str
    schema_region: str
    dictionary: str
    table_columns: Counted
    table_rows: Counted
    columns_of: str
    column: str
    type: str
    description: str
    synonyms: str
    primary_key: str
    also: str
    sources_lead: str
    sources_region: str
    more_facts: Counted
    more_facts_region: str
    not_from_the_site: str
    fact: str
    value: str
    read_in: str
    proof_title: str
    proof_lead: str
    required: str
    meter: str
    quality_title: str
    report_link: str
    report_place: str
    origin_title: str
    dropped_title: str
    dropped_lead: str
    nothing_dropped: str
    footer: str
    footer_except: str
    footer_end: str
    expiry: str


class QuestionLabels(Document):
    """A question's card."""

    copy_it: str
    copy_question: str
    copy_sql: str
    copy_wording: str
    copied: str
    press_copy: str
    was_copied: str
    copy_refused: str
    shown_one: str
    shown_other: str
    next: str
    expected: str
    in_data: str
    in_rows: str
    chart: str
    chart_problem: str
    result_of: str
    all_rows: Counted
    some_rows: str
    latest_rows: str
    other_ways: str
    what_agent_did: str
    answered_verified: str
    answered_own: str
    seconds: str
    wordings_same: str
    unseen_same: str
    unseen_other: str
    unseen_unanswered: str
    repeats_same: str
    answer: str
    difference: str
    rows_differ: str
    not_asked: str
    agrees: str
    verified: str
    differs: str
    query_failed: str
    query_empty: str
    answer_differed: str


class OriginLabels(Document):
    """Where the demo came from, and how it was verified."""

    company: str
    industry: str
    country: str
    currency: str
    country_by_engineer: str
    country_by_signs: str
    country_assumed: str
    no_passage: str
    currency_assumed: str
    plan: str
    service: str
    product: str
    category: str
    course: str
    feature: str
    customers: str
    city: str
    region: str
    words: str
    other_blueprint: str
    website: str
    read: str
    read_pages: str
    no_page: str
    pages: Counted
    by_http: Counted
    by_browser: Counted
    from_saved: Counted
    blueprint: str
    blueprint_version: str
    last_day: str
    history: str
    days: Counted
    data_set: str
    data_set_made: str
    data_agent: str
    expires: str
    never_expires: str
    written_by_claude: str
    not_by_claude: str
    said_of_customer: str
    script_rate: str
    script_meaning: str
    wordings_rate: str
    wordings_meaning: str
    fresh_rate: str
    fresh_meaning: str
    outcomes: str
    repeats_rate: str
    repeats_meaning: str
    rules_hold: Counted
    relations_hold: Counted
    properties_hold: Counted
    findings_stand_out: Counted
    searched_none: Counted
    searched_most: Counted


class PictureLabels(Document):
    """Charts, cells of tables, and the picture of the schema."""

    others: str
    none: str
    first_of: str
    schema_picture: str
    more_columns: Counted
    refers_to: str
    affirmed: str
    denied: str
    no_value: str


class ScorecardLabels(Document):
    """The scorecard as a page."""

    ready: str
    not_ready: str
    figure: str
    value: str
    bar: str
    note: str
    figures: dict[str, str]


class AgentLabels(Document):
    """What the local agent says of itself."""

    no_answer: str
    unwritten: str
    not_in_the_data: str
    not_understood: str
    could_ask: str
    two_meanings: str
    failed: str
    from_verified: str
    no_rows: str
    rows: Counted
    rows_without_value: Counted
    total_rows: str
    constant: str
    over_time: str
    over_time_peak: str
    equal_for_all: Counted
    highest: str
    lowest: str
    highest_and_lowest: str
    followed_by: str
    each: str
    more: Counted


class ColumnLabels(Document):
    """What the data model says of columns that nobody has described, such as keys."""

    identifies: str
    reference: str
    position: str
    period_start: str
    state: str
    began: str
    ended: str
    number: str
    code: str
    position_word: str
    status: str
    since: str
    valid_from: str
    until: str
    valid_to: str


class Labels(Document):
    """Everything that the product writes in one language."""

    language: str
    booklet: BookletLabels
    question: QuestionLabels
    origin: OriginLabels
    picture: PictureLabels
    scorecard: ScorecardLabels
    agent: AgentLabels
    columns: ColumnLabels
    industries: dict[str, str]
    periods: dict[str, str]
    units: dict[str, Counted]

    def industry(self, id_: str) -> str:
        """The name of an industry or of a blueprint; of one that is not listed, its id in words."""
        from provisioning_assets.googlesql.column_titles import column_title

        return self.industries.get(id_) or column_title(id_)

    def listed(self, words: list[str]) -> str:
        """``a, b and c`` as the language lists things."""
        from babel.lists import format_list

        return format_list(words, locale=locale_of(self.language)) if words else ""


@cache
def labels_of(language: str) -> Labels:
    """The labels of a language of demos, checked against the English ones.

    Raises:
        ValueError: it is not such a language; a text is missing, or its values are others than those of the English text.
    """
    if language not in LANGUAGES:  # before it becomes a part of a path
        raise ValueError(f"{language!r} is not a language of demos")
    text = (FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    written = yaml.load(text, Loader=yaml.CSafeLoader)
    labels = Labels.model_validate({"language": language, **written}, context={"language": language})
    if language != DEFAULT_LANGUAGE and (problems := differences(labels, labels_of(DEFAULT_LANGUAGE))):
        raise ValueError(f"{language}.yaml: {'; '.join(problems)}")
    return labels


def differences(labels: Labels, reference: Labels) -> list[str]:
    """Where labels differ from the reference in more than their words: texts that one alone has, and other values in braces.

    A form for one may leave out the count. Whether there is such a form is a matter of the language.
    """
    own, other = dict(_texts(labels.model_dump())), dict(_texts(reference.model_dump()))
    singular = {key for key in {*own, *other} if key.endswith(".one")}
    lost = [f"{key} is missing" for key in other.keys() - own.keys() - singular]
    new = [f"{key} is not in English" for key in own.keys() - other.keys() - singular]
    changed = []
    for key in own.keys() & (other.keys() | singular):
        wanted = _values(other[f"{key.removesuffix('.one')}.other" if key in singular else key])
        if not wanted - ({"count"} if key in singular else set()) <= _values(own[key]) <= wanted:
            changed.append(f"{key} has the values {sorted(_values(own[key]))}, the English text {sorted(wanted)}")
    return sorted([*lost, *new, *changed])


def _texts(part: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for name, value in part.items():
        where = f"{place}.{name}" if place else name
        if isinstance(value, Mapping):
            yield from _texts(value, where)
        elif isinstance(value, str) and name != "language":
            yield where, value


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
