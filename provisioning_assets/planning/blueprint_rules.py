"""Finds problems in a blueprint that is well formed: wrong references between its parts, and tables that cannot be made.

A file is checked with a customer whose website contains no words. If that story and that data model are consistent, so are
those of every other customer, because words never become names or SQL. A customer's blueprint is checked as it is.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product

from provisioning_assets.data_model.lineage import Lineage
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.problems import Place, Problem, suggestion
from provisioning_assets.data_model.rules.checked_column import listed
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.data_model.value_domains import values_of
from provisioning_assets.googlesql.compared_texts import compared_texts
from provisioning_assets.googlesql.portability import schema_of
from provisioning_assets.planning.blueprint import LEAST_ENTRIES, Blueprint, Complexity
from provisioning_assets.planning.markets import Market, market_of
from provisioning_assets.planning.models import DemoPlan
from provisioning_assets.planning.plan_rules import portability_problems, sql_problems, wording_problems
from provisioning_assets.planning.slots import clean_word, fill_slots
from provisioning_assets.planning.story import plan_of
from provisioning_assets.planning.table_design.columns import JOINT
from provisioning_assets.planning.table_design.design import Design, design_tables
from provisioning_assets.planning.table_design.draft import SEPARATOR, DesignError
from provisioning_assets.planning.terms import term_problems, term_values
from provisioning_assets.planning.word_places import CompanyPlaces, home_of, is_geographic, places_of_words
from provisioning_assets.planning.words import CustomerWords
from provisioning_assets.quality_bars import LEAST_OF_EACH_COMPLEXITY
from provisioning_assets.research.profile.models import CustomerProfile, Evidence

TRIAL_ROWS = 20_000
"""Rows of the largest fact table in the model with which a blueprint is checked: those of size ``small``."""


def blueprint_problems(blueprint: Blueprint) -> list[Problem]:
    """All problems of an industry's blueprint, with their places in its file; empty if it can be used."""
    found = [
        *_slot_problems(blueprint),
        *term_problems(blueprint),
        *missing_entries(blueprint),
        *_story_problems(blueprint),
    ]
    if any(problem.place[0] in ("slots", "terms") for problem in found):
        return found  # nothing else can be checked without words
    return [*found, *_trial(blueprint, silent_customer_words(blueprint), market_of("US", "en", "USD"))]


def filled_problems(blueprint: Blueprint, words: CustomerWords, market: Market) -> list[Problem]:
    """All problems of one customer's blueprint; empty if a demo can be made from it."""
    found = [
        *_slot_problems(blueprint),
        *_filled_slot_problems(blueprint),
        *term_problems(blueprint),
        *_story_problems(blueprint),
    ]
    if any(problem.place[0] in ("slots", "terms") for problem in found):
        return found
    return [*found, *_trial(blueprint, words, market)]


def query_problems(
    blueprint: Blueprint, words: CustomerWords | None = None, market: Market | None = None
) -> list[Problem]:
    """Problems of the SQL of a blueprint without other problems, which an author would otherwise see late or never.

    These are what fails or differs between BigQuery and DuckDB, and comparisons with a text that the column never has: they
    cause no error, but a filter that filters nothing, or a rule that always holds. Takes about 40 ms per query.

    Args:
        blueprint: an industry's, or a customer's with its words and market.
        words: the customer's; left out: those of a customer whose website contains no words.
        market: the customer's; left out: the United States.
    """
    words, market = words or silent_customer_words(blueprint), market or market_of("US", "en", "USD")
    plan, design = plan_of(blueprint, words, blueprint.id, {}), design_tables(blueprint, words, market)
    found = portability_problems(plan, design.tables)
    return found or list(_never_true(plan, design, Lineage(_trial_model(blueprint, design, market))))


def _never_true(plan: DemoPlan, design: Design, lineage: Lineage) -> Iterator[Problem]:
    schema = schema_of(design.tables)
    queries: list[tuple[Place, str]] = [
        *((("questions", question.id, "sql"), question.sql) for question in plan.questions),
        *((("kpis", index, "sql"), kpi.sql) for index, kpi in enumerate(plan.kpis)),
        *((("rules", law.id, "sql"), law.sql) for law in design.laws),
        *((("relations", relation.id, "sql"), relation.sql) for relation in design.relations),
    ]
    for place, sql in queries:
        for table, column, text in compared_texts(sql, schema):
            values = values_of(lineage, table, column)
            if values is not None and text not in values:
                yield Problem(
                    place, f"'{text}' is never a value of {table}.{column}.", suggestion(text, sorted(values))
                )


def silent_customer_words(blueprint: Blueprint) -> CustomerWords:
    """The words of a customer whose website contains no words. Each slot has only the words that it is sure to have."""
    profile = CustomerProfile(
        company_name="Example",
        industry=blueprint.id,
        industry_evidence=[Evidence(page="notes", words="")],
        confidence=0,
        runner_up=None,
        country="US",
        currency="USD",
        language="en",
    )
    filled = fill_slots(blueprint, profile, market_of("US", "en", "USD"))
    sure = {
        name: words if blueprint.slots[name].within else words[: blueprint.slots[name].minimum]
        for name, words in filled.words.items()
    }
    market = market_of("US", "en", "USD")
    facts = {"company": "Example", "currency": "USD", "country": "US", "price_level": 1.0}
    company = CompanyPlaces.of_profile(profile)
    home = home_of(company)
    places = {
        name: places_of_words(words, company, home) for name, words in sure.items() if is_geographic(blueprint, name)
    }
    terms = term_values(blueprint.terms, market)
    return CustomerWords(
        slots=sure,
        facts={**facts, **terms.numbers},
        groups=filled.groups,
        places=places,
        home=home,
        lists=terms.lists,
        rhythms=terms.rhythms,
    )


# --- slots ---------------------------------------------------------------------------------------------------------


def _slot_problems(blueprint: Blueprint) -> Iterator[Problem]:
    for name, slot in blueprint.slots.items():
        place: Place = ("slots", name)
        if slot.within is None:
            from_market = "cities" in slot.sources or "places" in slot.sources
            words = slot.fallback_words("en")
            if not from_market and len(words) < slot.minimum:
                yield Problem(
                    (*place, "words"),
                    f"There are {len(words)} English words, but the minimum is {slot.minimum}.",
                    "They are needed for a customer whose site has no such words; slots from cities or places take the cities of "
                    "markets.yaml.",
                )
            continue
        if slot.within not in blueprint.slots:
            yield Problem(
                (*place, "within"), f"'{slot.within}' is not a slot.", suggestion(slot.within, blueprint.slots)
            )
            continue
        groups = blueprint.slots[slot.within]
        if groups.within is not None:
            yield Problem(
                (*place, "within"), f"'{slot.within}' is itself within another slot.", "Only one level is accepted."
            )
        known = {word for language in groups.languages() for word in groups.fallback_words(language)}
        for group in slot.words_within:
            if group not in known:
                yield Problem(
                    (*place, "words_within", group),
                    f"'{group}' is not a word of '{slot.within}'.",
                    suggestion(group, sorted(known)),
                )


def _filled_slot_problems(blueprint: Blueprint) -> Iterator[Problem]:
    for name, slot in blueprint.slots.items():
        place: Place = ("slots", name, "filled")
        count = len(slot.filled)
        if slot.within is None and not slot.minimum <= count:
            yield Problem(place, f"There are {count} words.", f"At least {slot.minimum} are needed.")
        seen: set[str] = set()
        for index, word in enumerate(slot.filled):
            here = (*place, index, "word")
            if clean_word(word.word, max(slot.longest, len(word.word))) != word.word:
                yield Problem(
                    here,
                    f"'{word.word}' cannot be used.",
                    "Write plain words, without markup and without punctuation at the ends.",
                )
            if word.word.casefold() in seen:
                yield Problem(here, f"'{word.word}' occurs twice.", "Write each word once.")
            seen.add(word.word.casefold())
            if slot.within not in blueprint.slots:
                continue
            groups = [*(outer.word for outer in blueprint.slots[slot.within].filled), *slot.leftover_groups().values()]
            if word.group not in groups:
                given = "belongs to no group" if word.group is None else f"belongs to '{word.group}'"
                yield Problem(
                    (*place, index, "group"),
                    f"'{word.word}' {given}, but the groups are the words of '{slot.within}'.",
                    suggestion(word.group or "", groups),
                )


# --- the story -----------------------------------------------------------------------------------------------------


def missing_entries(blueprint: Blueprint) -> Iterator[Problem]:
    """Sections with fewer entries than an industry's file has at least."""
    for section, least in LEAST_ENTRIES.items():
        count = len(getattr(blueprint, section))
        if count < least:
            yield Problem((section,), f"There are {count}.", f"An industry's file has at least {least}.")


def _story_problems(blueprint: Blueprint) -> Iterator[Problem]:
    questions, insights = blueprint.questions, blueprint.insights
    for name, insight in insights.items():
        if insight.question not in questions:
            yield Problem(
                ("insights", name, "question"),
                f"'{insight.question}' is not a question.",
                suggestion(insight.question, questions),
            )
    proving = Counter(insight.question for insight in insights.values())
    for question, count in proving.items():
        if count > 1:
            yield Problem(
                ("insights",),
                f"The question '{question}' shows {count} insights.",
                "Give each insight a different question.",
            )
    for index, challenge in enumerate(blueprint.challenges):
        for insight in challenge.insights:
            if insight not in insights:
                yield Problem(
                    ("challenges", index, "insights"), f"'{insight}' is not an insight.", suggestion(insight, insights)
                )
    asked = Counter(question for scene in blueprint.scenes.values() for question in scene.questions)
    for name, scene in blueprint.scenes.items():
        for question in scene.questions:
            if question not in questions:
                yield Problem(
                    ("scenes", name, "questions"), f"'{question}' is not a question.", suggestion(question, questions)
                )
    for question in questions:
        if asked[question] != 1:
            yield Problem(
                ("questions", question),
                f"It is in {asked[question]} scenes.",
                "Every question must be in exactly one: name it under scenes.<scene>.questions.",
            )
    levels = Counter(question.complexity for question in questions.values())
    for level in Complexity:
        if levels[level] < LEAST_OF_EACH_COMPLEXITY:
            yield Problem(
                ("questions",),
                f"There are {levels[level]} with the complexity {level}.",
                f"At least {LEAST_OF_EACH_COMPLEXITY} of each complexity are needed.",
            )


# --- tried ---------------------------------------------------------------------------------------------------------


def _trial(blueprint: Blueprint, words: CustomerWords, market: Market) -> Iterator[Problem]:
    design = design_tables(blueprint, words, market)
    yield from design.problems
    if not design.problems:
        model = _trial_model(blueprint, design, market)
        problems = model_problems(model)
        yield from (authored(problem, design) for problem in problems)
        if not problems:
            yield from _case_problems(Lineage(model), design)
    try:
        plan = plan_of(blueprint, words, blueprint.id, {})
    except DesignError as error:
        yield error.problem
    else:
        yield from wording_problems(plan)
        if not design.problems:
            yield from sql_problems(plan, design.tables)


def _trial_model(blueprint: Blueprint, design: Design, market: Market) -> DataModel:
    return DataModel(
        name=blueprint.name,
        description=blueprint.name,
        as_of=date(2025, 6, 30),
        history_days=blueprint.history_days,
        size="small",
        fact_rows=TRIAL_ROWS,
        seed=0,
        locale=market.locale,
        country=market.country,
        currency=market.currency,
        tables=design.tables,
        effects=design.effects,
        rules=design.laws,
        relations=design.relations,
    )


def _case_problems(lineage: Lineage, design: Design) -> Iterator[Problem]:
    """Cases that never occur, such as misspelled values, and values that have no case. Neither would cause an error."""
    for decided in design.decided:
        domains = [values_of(lineage, decided.table, name) for name in decided.columns]
        deciding = " and ".join(decided.columns).replace(SEPARATOR, ".")
        if any(domain is None for domain in domains):
            if not decided.complete:
                yield Problem(
                    decided.place,
                    f"{deciding} may have other values than {listed(decided.cases)}.",
                    "Add `otherwise`, for all other values.",
                )
            continue
        known = [JOINT.join(values) for values in product(*(sorted(domain or ()) for domain in domains))]
        for case in decided.cases:
            if case not in known:
                yield Problem(
                    (*decided.place, case), f"'{case}' is never a value of {deciding}.", suggestion(case, known)
                )
        missing = [value for value in known if value not in decided.cases]
        if missing and not decided.complete:
            yield Problem(
                decided.place,
                f"There is no case for {listed(missing)} of {deciding}.",
                "Add the cases, or `otherwise` for all other values.",
            )


def authored(problem: Problem, design: Design) -> Problem:
    """A problem of the data model with its place in the blueprint; for an added column, the place of its path."""
    place = problem.place
    if place[:1] == ("tables",) and place[2:3] == ("columns",):
        place = (*design.places.get((str(place[1]), str(place[3])), place[:4]), *place[4:])
    message, remedy = problem.message, problem.remedy
    for _, name in design.places:
        if SEPARATOR in name:
            path = name.replace(SEPARATOR, ".")
            message, remedy = message.replace(name, path), remedy.replace(name, path)
    return Problem(place, message, remedy)
