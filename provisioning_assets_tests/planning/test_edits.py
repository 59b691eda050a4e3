"""A CE's edits of one demo: what they change, what else changes with them, and that an invalid edit changes nothing."""

from typing import Any

import pytest

from provisioning_assets.demo_edits import MOST_EDITS, Edit, read_edits
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import SlotWord
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets.planning.data_model_design import design_data_model
from provisioning_assets.planning.demo_blueprint import blueprint_for, filled_blueprint, with_edits
from provisioning_assets.planning.demo_plan import plan_demo
from provisioning_assets.planning.edits import edited
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.plan_rules import plan_problems
from provisioning_assets.planning.sample_customer import sample_profile
from provisioning_assets_tests.planning.conftest import facts, profile, request_for
from provisioning_assets_tests.sweep_size import EVERY

KNOWN = {
    "product_categories": facts("Vitamins", "Baby", "Beauty", "Groceries", page="https://acme.com/shop"),
    "products": facts("Baby Lotion", "Beauty Cream"),
}


@pytest.fixture(scope="module")
def made() -> DemoBlueprint:
    return blueprint_for(profile(**KNOWN), request_for())


def change(made: DemoBlueprint, *edits: tuple[str, Any]) -> DemoBlueprint:
    return with_edits(made, [Edit(path=path, value=value) for path, value in edits])


def refused(made: DemoBlueprint, *edits: tuple[str, Any]) -> str:
    before = made.model_dump_json()
    with pytest.raises(ProvisioningError) as failure:
        change(made, *edits)
    assert made.model_dump_json() == before
    assert failure.value.remedy.startswith("Change the edits, then run again")
    return failure.value.problem


# --- good ones -----------------------------------------------------------------------------------------------------------


def test_without_edits_nothing_is_changed(made: DemoBlueprint):
    assert with_edits(made, []) is made


def test_a_text_is_replaced_and_reaches_the_plan(made: DemoBlueprint):
    after = change(
        made,
        ("title", "{company}: a closer look"),
        ("scenes.where_the_margin_goes.talk_track", "Now look at {hubs[1]}."),
    )
    plan = plan_demo(after)
    assert plan.title == "Acme: a closer look"
    assert (
        next(scene for scene in plan.scenes if scene.id == "where_the_margin_goes").talk_track
        == "Now look at Los Angeles."
    )
    assert [edit.path for edit in after.edits] == ["title", "scenes.where_the_margin_goes.talk_track"]


def test_a_change_of_a_table_reaches_the_model(made: DemoBlueprint):
    after = change(
        made, ("tables.orders.columns.ordered_at.arrival.growth", 0.5), ("tables.orders.rhythm", "businesses")
    )
    orders = next(table for table in design_data_model(after, request_for()).tables if table.name == "orders")
    assert orders.rhythm == "businesses"
    ordered_at = next(column for column in orders.columns if column.name == "ordered_at")
    assert ordered_at.generator.growth_per_year == 0.5  # pyright: ignore[reportAttributeAccessIssue]


def test_an_insight_is_removed_with_what_pointed_to_it(made: DemoBlueprint):
    name = next(iter(made.blueprint.insights))
    after = change(made, (f"insights.{name}", None))
    assert name not in after.blueprint.insights
    assert all(name not in challenge.insights for challenge in after.blueprint.challenges)
    assert not [effect for effect in design_data_model(after, request_for()).effects if effect.insight_id == name]
    assert plan_problems(plan_demo(after)) == []


def test_a_question_is_removed_with_what_pointed_to_it(made: DemoBlueprint):
    proving = {insight.question for insight in made.blueprint.insights.values()}
    name = next(name for name in made.blueprint.questions if name not in proving)
    after = change(made, (f"questions.{name}", None))
    assert all(name not in scene.questions for scene in after.blueprint.scenes.values())
    assert plan_problems(plan_demo(after)) == []


def test_with_a_question_its_insight_is_removed(made: DemoBlueprint):
    insight, written = next(iter(made.blueprint.insights.items()))
    after = change(made, (f"questions.{written.question}", None))
    assert insight not in after.blueprint.insights
    assert all(insight not in challenge.insights for challenge in after.blueprint.challenges)
    assert plan_problems(plan_demo(after)) == []


def test_with_a_scene_its_questions_are_removed(made: DemoBlueprint):
    name = next(
        name
        for name, scene in made.blueprint.scenes.items()
        if {made.blueprint.questions[question].complexity for question in scene.questions} == {"medium", "complex"}
    )
    gone = set(made.blueprint.scenes[name].questions)
    after = change(made, (f"scenes.{name}", None))
    assert set(after.blueprint.questions) == set(made.blueprint.questions) - gone
    assert not {insight.question for insight in after.blueprint.insights.values()} & gone
    assert plan_problems(plan_demo(after)) == []


def test_a_challenge_without_an_insight_left_is_removed(made: DemoBlueprint):
    challenge = made.blueprint.challenges[0]
    after = change(made, *((f"insights.{name}", None) for name in challenge.insights))
    assert [each.title for each in after.blueprint.challenges] == [
        each.title for each in made.blueprint.challenges if not set(each.insights) <= set(challenge.insights)
    ]
    assert len(after.blueprint.challenges) < len(made.blueprint.challenges)


def test_all_insights_but_one_can_be_removed(made: DemoBlueprint):
    *gone, _ = made.blueprint.insights
    after = change(made, *((f"insights.{name}", None) for name in gone))
    assert len(after.blueprint.insights) == 1
    assert plan_problems(plan_demo(after)) == []


def test_a_step_may_contain_a_dot():
    document = {"weights": {"Plan 1.5": 2, "Plan 2.0": 3}, "terms": [{"term": "a"}]}
    edits = [
        Edit(path=["weights", "Plan 1.5"], value=4),
        Edit(path=["weights", "Plan 2.0"], value=None),
        Edit(path=["terms", 0, "term"], value="b"),
    ]
    assert edited(document, edits) == ({"weights": {"Plan 1.5": 4}, "terms": [{"term": "b"}]}, [])


@pytest.mark.parametrize(
    "id_", [id_ if id_ == "general_business" else pytest.param(id_, marks=pytest.mark.slow) for id_ in blueprint_ids()]
)
def test_entries_of_a_customers_blueprint_can_be_removed(id_: str):
    blueprint = load_blueprint(id_)
    customers = filled_blueprint(blueprint, sample_profile(blueprint, "US"), id_)
    step = 1 if id_ == "general_business" else EVERY
    for section in ("insights", "questions", "challenges", "kpis", "glossary"):
        entries = getattr(blueprint, section)
        for name in list(entries if isinstance(entries, dict) else range(len(entries)))[::step]:
            assert len(getattr(change(customers, (f"{section}.{name}", None)).blueprint, section)) == len(entries) - 1


def test_a_question_is_added_to_a_scene(made: DemoBlueprint):
    question = {
        "question": "How many stores are there?",
        "paraphrases": ["Number of stores", "Count the stores"],
        "complexity": "simple",
        "business_value": "The size of the network",
        "sql": "SELECT COUNT(*) AS stores FROM warehouses",
    }
    after = change(
        made, ("questions.store_count", question), ("scenes.where_the_margin_goes.questions.+", "store_count")
    )
    plan = plan_demo(after)
    assert plan_problems(plan) == []
    assert plan.questions[-1].id == "store_count"
    assert after.blueprint.scenes["where_the_margin_goes"].questions[-1] == "store_count"


def test_entries_of_lists_are_replaced_removed_and_appended(made: DemoBlueprint):
    rules, terms = made.blueprint.agent.rules, made.blueprint.glossary
    after = change(
        made,
        ("agent.rules[0]", "Be brief."),
        ("agent.rules.1", None),
        ("agent.rules.+", "Be kind."),
        ("glossary[0]", None),
    )
    assert after.blueprint.agent.rules == ["Be brief.", *rules[2:], "Be kind."]
    assert after.blueprint.glossary == terms[1:]


def test_a_word_of_a_slot_is_the_ces_and_the_others_keep_their_source(made: DemoBlueprint):
    after = change(made, ("slots.segments.filled.0.word", "Friends of the house"))
    before, now = made.blueprint.slots["segments"].filled, after.blueprint.slots["segments"].filled
    assert now[0] == SlotWord(word="Friends of the house", source="edit")
    assert now[1:] == before[1:]
    assert plan_demo(after).slot_sources["segments"] == "mixed"
    assert plan_demo(after).vocabulary["segments"][0] == "Friends of the house"


def test_a_slot_may_be_filled_with_a_plain_list_of_words(made: DemoBlueprint):
    known = made.blueprint.slots["segments"].filled[1]
    words = ["Clubs", known.word, "Schools", "Kitchens"][: made.blueprint.slots["segments"].maximum]
    after = change(made, ("slots.segments.filled", words))
    assert [word.word for word in after.blueprint.slots["segments"].filled] == words
    assert after.blueprint.slots["segments"].filled[1] == known
    assert after.blueprint.slots["segments"].filled[0].source == "edit"


def test_a_renamed_group_takes_its_words_along(made: DemoBlueprint):
    after = change(made, ("slots.categories.filled.1.word", "Babies"))
    groups = {word.word: word.group for word in after.blueprint.slots["products"].filled}
    assert groups["Baby Lotion"] == "Babies"
    assert "Baby" not in groups.values()
    assert after.blueprint.slots["categories"].filled[1].source == "edit"
    lotion = next(word for word in after.blueprint.slots["products"].filled if word.word == "Baby Lotion")
    assert lotion.source == "customer"


def test_a_removed_group_takes_its_words_with_it(made: DemoBlueprint):
    more = blueprint_for(
        profile(product_categories=facts("Vitamins", "Baby", "Beauty", "Groceries", "Pets")), request_for()
    )
    after = change(more, ("slots.categories.filled.4", None))
    assert {word.group for word in after.blueprint.slots["products"].filled} == {
        "Vitamins",
        "Baby",
        "Beauty",
        "Groceries",
    }


def test_words_in_the_group_of_leftovers_may_stay(made: DemoBlueprint):
    offers = facts("Implants", "Whitening", "Braces", "Aligners", "Check-up", "Fillings")
    general = blueprint_for(profile(**{**KNOWN, "products": offers}), request_for(industry="general_business"))
    groups = {word.group for word in general.blueprint.slots["offerings"].filled}
    assert "Further offerings" in groups
    assert change(general, ("title", "Ready")).blueprint.title == "Ready"


def test_words_of_an_edit_are_words_wherever_they_go(made: DemoBlueprint):
    word = "O'Neill's \"best\"; DROP TABLE orders"
    after = change(made, ("slots.categories.filled.0.word", word))
    plan, model = plan_demo(after), design_data_model(after, request_for())
    assert plan.vocabulary["categories"][0] == word
    plain = design_data_model(made, request_for())
    assert [table.name for table in model.tables] == [table.name for table in plain.tables]


def test_edits_are_made_in_their_order_and_stay_as_they_were_given(made: DemoBlueprint):
    question = {**made.blueprint.questions["revenue_by_month"].model_dump(mode="json"), "question": "First?"}
    given = [
        Edit(path="questions.revenue_by_month", value=question),
        Edit(path="questions.revenue_by_month.question", value="Second?"),
        Edit(path="slots.segments.filled", value=["Clubs", "Schools", "Kitchens", "Crews"]),
    ]
    before = [edit.model_dump_json() for edit in given]
    after = with_edits(made, given)
    assert after.blueprint.questions["revenue_by_month"].question == "Second?"
    assert [edit.model_dump_json() for edit in given] == before
    assert after.edits == given
    document = made.blueprint.model_dump(mode="json")
    assert edited(document, given)[0] != document
    assert document == made.blueprint.model_dump(mode="json")


def test_the_same_edits_of_what_is_already_edited_change_no_more(made: DemoBlueprint):
    edits = [("title", "Once"), ("slots.categories.filled.1.word", "Babies")]
    once = change(made, *edits)
    assert change(once, *edits).blueprint == once.blueprint


def test_an_optional_section_that_a_blueprint_lacks_gets_its_first_entry(made: DemoBlueprint):
    document = made.blueprint.model_dump(mode="json")
    document.pop("relations", None)
    relation = {
        "says": "Orders are small",
        "sql": "SELECT 1 AS x FROM orders",
        "between": [0, 2],
        "source": "experience",
    }
    after, problems = edited(document, [Edit(path="relations.small_orders", value=relation)])
    assert (after["relations"], problems) == ({"small_orders": relation}, [])
    nothing, problems = edited(document, [Edit(path="relations.small_orders", value=None)])
    assert "relations" not in nothing
    assert "There is no 'relations' in the blueprint." in str(problems)


# --- bad ones ------------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, Any, str]] = {
    "no such section": ("insight.late_trucks.headline", "x", "There is no 'insight' in the blueprint. Did you mean 'insights'?"),
    "no such entry": ("insights.late.headline", "x", "There is no 'late' in insights."),
    "nothing to remove": ("insights.late", None, "There is no 'late' to remove."),
    "inside a text": ("title.first", "x", "'title' is a single value. Give the path of that value alone."),
    "beyond a list": ("agent.rules.99", "x", "entries; '99' is not one of them. Count from 0, or write + to append."),
    "not a number": ("agent.rules.first", "x", "'first' is not one of them."),
    "nothing to append": ("agent.rules.+", None, "Nothing can be appended to the list. Give a value."),
    "an unknown field": ("titel", "x", "titel: 'titel' is not a field here. Did you mean 'title'?"),
    "a needed field": ("title", None, "title: is missing"),
    "another kind of value": (
        "scenes.where_the_margin_goes.minutes", "ten", "scenes.where_the_margin_goes.minutes: 'ten' is not a number",
    ),
    "too little left": ("slots.categories.filled", [], "slots.categories.filled: There are 0 words. At least 3 are needed."),
    "a word twice": ("slots.segments.filled.1.word", "SAME", "'same' occurs twice. Write each word once."),
    "a word that is markup": ("slots.segments.filled.0.word", "<b>Clubs</b>", "'<b>Clubs</b>' cannot be used."),
    "a word without a group": ("slots.products.filled.+", "Lamp", "'Lamp' belongs to no group"),
    "a word of no group": (
        "slots.products.filled.+",
        {"word": "Lamp", "group": "Babys"},
        "'Lamp' belongs to 'Babys', but the groups are the words of 'categories'. Did you mean 'Baby'?",
    ),
    "an unknown word": ("title", "{compny}: hello", "title: {compny} is neither a slot nor a fact. Did you mean 'company'?"),
    "an unknown list of words": ("slots.segments.shared", "consumer", "Did you mean 'consumers'?"),
    "SQL of nothing": ("kpis.0.sql", "SELECT 1 AS value FROM orderz", "kpis.0.sql: 'orderz' is not a table."),
    "SQL that writes": ("kpis.0.sql", "DROP TABLE orders", "kpis.0.sql: It must be one SELECT statement."),
    "SQL of another cell": ("kpis.0.sql", "SELECT 1 AS one", "It must return one column named value."),
    "an expression of nothing": (
        "tables.orders.columns.new_one",
        {"expression": "shiped_at", "description": "Something new"},
        "'shiped_at' is not a column of orders. Did you mean 'shipped_at'?",
    ),
    "a table that others need": ("tables.warehouses", None, "'warehouses' is not a table."),
    "a question in no scene": ("scenes.where_the_margin_goes.questions.0", None, "It is in 0 scenes."),
    "the words of another question": (
        "questions.revenue_by_month.question",
        "SAME",
        "is asked 2 times",
    ),
    "a range without order": (
        "relations.odd",
        {"says": "Orders are small", "sql": "SELECT 1 AS x FROM orders", "between": [2, 1], "source": "experience"},
        "relations.odd.between: the lowest value 2 is not below the highest 1",
    ),
    "a law in another language": ("rules.odd", {"says": "Nothing is ever odd", "sql": "SELEC 1"}, "rules.odd"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_edit_is_refused_with_its_place_and_a_remedy(made: DemoBlueprint, case: str):
    path, value, message = BAD[case]
    if value == "SAME":
        segments, questions = made.blueprint.slots["segments"].filled, list(made.blueprint.questions.values())
        value = segments[0].word.lower() if "slots" in path else questions[1].question.upper()
        message = message.replace("same", str(value))
    assert message in refused(made, (path, value))


def test_everything_that_is_wrong_is_reported_at_once(made: DemoBlueprint):
    problem = refused(made, ("insights.late", None), ("title", "fine"), ("agent.rules.99", "x"))
    assert "insights.late: There is no 'late' to remove." in problem
    assert "agent.rules.99: The list has" in problem
    problem = refused(made, ("title", "{compny}"), ("kpis.0.sql", "SELECT 1 AS one"), ("titel", "x"))
    assert "titel" in problem
    problem = refused(made, ("kpis.1.sql", "SELECT x"), ("kpis.0.sql", "SELECT 1 AS one"))
    assert "kpis.0.sql" in problem
    assert "kpis.1.sql" in problem


# --- as they are given -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        '[{path: title, value: "Acme: a closer look"}]',
        '[{"path": "title", "value": "Acme: a closer look"}]',
        [{"path": "title", "value": "Acme: a closer look"}],
        [Edit(path="title", value="Acme: a closer look")],
    ],
)
def test_edits_are_given_as_yaml_json_or_a_list(given: object):
    assert read_edits(given) == [Edit(path="title", value="Acme: a closer look")]


@pytest.mark.parametrize("given", [None, "", "[]", "null", "# nothing yet"])
def test_no_edits(given: object):
    assert read_edits(given) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[{path: title, value: a: b}]", "neither YAML nor JSON"),
        ("{path: title, value: x}", "not a list of at most"),
        ("title", "not a list of at most"),
        ("[title]", "Edit 1 cannot be read"),
        ("[{path: title, value: x}, {value: y}]", "Edit 2 cannot be read: path: Field required"),
        ("[{path: title, valeu: y}]", "Edit 1 cannot be read: valeu: Extra inputs are not permitted"),
        ("[{path: insights..headline, value: x}]", "Edit 1: the path 'insights..headline' has an empty step"),
        ("[{path: '', value: x}]", "Edit 1 cannot be read: path"),
        ([{"path": "title", "value": "x"}] * (MOST_EDITS + 1), "not a list of at most"),
        ("!!python/object/apply:os.system [ls]", "neither YAML nor JSON"),
    ],
)
def test_anything_but_a_list_of_edits_is_refused_with_an_example(given: object, message: str):
    with pytest.raises(ProvisioningError, match="Give a list of edits as YAML or JSON") as failure:
        read_edits(given)
    assert message in failure.value.problem
