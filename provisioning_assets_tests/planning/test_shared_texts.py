"""Texts that industries share: the contents of the file, and how blueprints use them."""

import re
from typing import Any

import pytest

from provisioning_assets.data_model.generators import Expression, Text
from provisioning_assets.data_model.rules.model_rules import model_problems
from provisioning_assets.planning.blueprint import Blueprint
from provisioning_assets.planning.shared_texts import (
    ALTERNATIVES,
    SharedText,
    cases_of,
    grammar_of,
    shared_text,
    with_parts_for_alternatives,
)
from provisioning_assets.planning.shared_words import UnknownNameError
from provisioning_assets_tests.planning.conftest import planned, profile
from provisioning_assets_tests.planning.trial_designs import column, problems_of, tables_of, with_column

SHARED_SETTINGS: dict[str, Any] = {
    "shared": "customer_feedback",
    "by": {"topic": {"by": "subject", "Bikes": "work"}, "mood": "stars"},
}
REMARK = "tables.rentals.columns.remark.text"


def reviewed(example: Blueprint, **changes: Any) -> Blueprint:
    """The documented example with stars and a subject of each rental, and a remark on them."""
    stars = with_column(
        example, "rentals.stars", category={str(stars): 1 for stars in range(1, 6)}, synonyms=["rating"]
    )
    subject = with_column(stars, "rentals.subject", category=["Bikes", "Price"], synonyms=["topic"])
    return with_column(subject, "rentals.remark", text={**SHARED_SETTINGS, **changes})


def remark(blueprint: Blueprint) -> Text:
    found = column(tables_of(blueprint)["rentals"], "remark").generator
    assert isinstance(found, Text)
    return found


def said(text: Text, case: str) -> set[str]:
    """All sentences of a case, without those that are alternatives within another."""
    found: set[str] = set()

    def visit(words: str) -> None:
        for name in re.findall(r"\{(\w+)\}", words):
            for sentence in [] if name.startswith("either") else text.parts.get(name, []):
                found.add(sentence)
                visit(sentence)

    for template in text.templates_by[case]:
        visit(template)
    return found


# --- the shared file ---------------------------------------------------------------------------------------------------


def test_every_case_has_sentences_without_a_value_but_the_days_of_a_long_wait() -> None:
    text = shared_text("customer_feedback")
    templates, parts = grammar_of(text, {}, ["waited"], list(text.decides.values()))
    assert len(templates) == 7 * 4
    for name, sentences in parts.items():
        assert len(sentences) >= 3, name
        assert len(set(sentences)) == len(sentences), name


def test_sentences_end_as_sentences_and_name_known_values() -> None:
    text = shared_text("customer_feedback")
    for part, by_case in text.parts.items():
        assert isinstance(by_case, dict)
        for case, sentences in by_case.items():
            assert {name for cases in cases_of(case) for name in cases} <= {
                name for cases in text.decides.values() for name in cases
            }
            for sentence in sentences:
                names: dict[tuple[str, ...], str] = {}
                (plain,) = with_parts_for_alternatives([sentence], names)
                assert set(re.findall(r"\{([a-z]+)\}", plain)) <= set(text.values), (part, sentence)
                assert sentence[-1] in ".!" or next(reversed(names))[-1][-1] in ".!", (part, sentence)
                for words in names:
                    assert len(set(words)) == len(words), (part, sentence)


def test_no_value_of_a_column_means_two_cases() -> None:
    for cases in shared_text("customer_feedback").decides.values():
        meanings = [value for case, values in cases.items() for value in (case, *values)]
        assert len(set(meanings)) == len(meanings)


def test_an_unknown_text_is_refused_with_what_was_meant() -> None:
    with pytest.raises(
        UnknownNameError, match=r"'customer_feedbak' is not a shared text\. Did you mean 'customer_feedback'\?"
    ):
        shared_text("customer_feedbak")


# --- shapes and sentences as a grammar --------------------------------------------------------------------------------


def test_a_combination_of_cases_has_the_sentences_of_each_key_that_fits() -> None:
    text = SharedText(
        decides={"topic": {"a": [], "b": []}, "mood": {"good": [], "bad": []}},
        values={"who": "a name", "sum": "an amount"},
        shapes=["{one} {two}"],
        parts={
            "one": {"good": ["Good."], "bad": ["Bad."]},
            "two": {"a, b / good": ["{who} smiled."], "bad": ["{{sum}|Much} paid."]},
        },
    )
    templates, parts = grammar_of(
        text, {"two": {"a": ["Own a."], "good": ["Own good."]}}, ["who"], [["a", "b"], ["good", "bad"]]
    )
    sentences = {
        case: [parts[name] for name in re.findall(r"\{(\w+)\}", written[0])] for case, written in templates.items()
    }
    assert sentences == {
        "a / good": [["Good."], ["{who} smiled.", "Own a.", "Own good."]],
        "a / bad": [["Bad."], ["Much paid.", "Own a."]],
        "b / good": [["Good."], ["{who} smiled.", "Own good."]],
        "b / bad": [["Bad."], ["Much paid."]],
    }
    assert len(parts) == 6, "combinations with the same sentences share a part"


def test_alternatives_are_found_with_placeholders_and_empty_ones_in_them() -> None:
    names: dict[tuple[str, ...], str] = {}
    assert with_parts_for_alternatives(["{x} {The {branch} team|They} came{|, too}.", "{|, too}"], names) == [
        "{x} {either__1} came{either__2}.",
        "{either__2}",
    ]
    assert list(names) == [("The {branch} team", "They"), ("", ", too")]
    assert not ALTERNATIVES.search("{plain} a|b {other}")


# --- in a blueprint ----------------------------------------------------------------------------------------------------


def test_alternatives_may_stand_in_any_text(example: Blueprint) -> None:
    found = remark(with_column(example, "rentals.remark", text="{Good|Bad} {models}{|, {minutes} min}."))
    assert found.templates == ["{either__1} {models}{either__2}."]
    assert (found.parts["either__1"], found.parts["either__2"]) == (["Good", "Bad"], ["", ", {minutes} min"])
    assert found.parts["models"] == ["City", "Cargo", "Electric", "Tandem"]


def test_a_shared_text_depends_on_the_columns_that_decide(example: Blueprint) -> None:
    found = remark(reviewed(example))
    assert set(found.templates_by) == {
        f"{topic} / {mood}" for topic in ("work", "price") for mood in ("poor", "fair", "good", "great")
    }
    deciding = column(tables_of(reviewed(example))["rentals"], found.by or "")
    assert deciding.internal
    assert isinstance(deciding.generator, Expression)
    assert "case subject when 'Bikes' then 'work' when 'Price' then 'price' else null end" in deciding.generator.sql
    for mood in ("fair", "good", "great"):
        assert not said(found, "work / poor") & said(found, f"work / {mood}")


def test_sentences_with_a_value_that_is_not_given_are_left_out(example: Blueprint) -> None:
    without, with_staff = remark(reviewed(example)), remark(reviewed(example, values={"staff": "rider_id.rider_name"}))
    assert not any("rider" in sentence for sentence in said(without, "work / good"))
    assert any("{rider_id__rider_name}" in sentence for sentence in said(with_staff, "work / good"))


def test_the_blueprints_topics_and_sentences_are_added_to_the_shared_ones(example: Blueprint) -> None:
    moods = ("poor", "fair", "good", "great")
    parts = {
        "point": {f"station / {mood}": [f"{{cities}}, {mood}, {{minutes}} min."] for mood in moods},
        "detail": {"station": ["That is {nice|so}."]},
        "closing": ["Signed, {company}."],
    }
    by = {"topic": {"by": "subject", "Bikes": "station"}, "mood": "stars"}
    found = remark(reviewed(example, by=by, parts=parts))
    assert "{cities}, poor, {minutes} min." in said(found, "station / poor")
    assert "Signed, Acme." in said(found, "price / poor")
    assert "Signed, Acme." in said(found, "station / great")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"shared": "customer_feedbak"}, "shared: 'customer_feedbak' is not a shared text. Did you mean 'customer_feedback'?"),
        (
            {"by": {"topic": {"by": "subject", "Bikes": "wrok"}, "mood": "stars"}},
            "by.topic.Bikes: 'wrok' is not a topic of customer_feedback. Did you mean 'work'?",
        ),
        (
            {"by": {"topic": "subject", "mood": "stars"}},
            "by.topic: 'Bikes', a value of subject, is not a topic of customer_feedback.",
        ),
        ({"by": {"topic": {"by": "subject", "Bikes": "work"}}}, "by: customer_feedback also depends on mood, which `by`"),
        ({"by": {**SHARED_SETTINGS["by"], "weather": "stars"}}, "by.weather: 'weather' does not decide anything in"),
        ({"by": {**SHARED_SETTINGS["by"], "mood": "minutes"}}, "by.mood: The blueprint does not list the values of minutes."),
        ({"by": {**SHARED_SETTINGS["by"], "mood": "starz"}}, "by.mood: 'starz' is not a column of rentals. Did you mean 'stars'?"),
        ({"values": {"stuff": "stars"}}, "values.stuff: 'stuff' is not a value in customer_feedback. Did you mean 'staff'?"),
        ({"parts": {"points": ["So."]}}, "parts.points: 'points' is not a part in customer_feedback. Did you mean 'point'?"),
        (
            {"parts": {"point": {"work / por": ["So."]}}},
            "parts.point.work / por: 'por' is not a case of customer_feedback. Did you mean 'poor'?",
        ),
        (
            {
                "by": {"topic": {"by": "subject", "Bikes": "station"}, "mood": "stars"},
                "parts": {"point": {"station / poor": ["So."]}},
            },
            "parts: There are no sentences 'detail' for station / poor. Add sentences: parts: {detail: ...}.",
        ),
        (
            {"by": {"topic": {"by": "subject", "Bikes": "long_wait"}, "mood": "stars"}},
            "parts: There are no sentences 'point' for long_wait / poor that can be written without waited. "
            "Add sentences: parts: {point: ...}. Or give these values.",
        ),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused_with_their_place(
    example: Blueprint, changes: dict[str, Any], problem: str
) -> None:
    (found,) = problems_of(reviewed(example, **changes))
    assert found.startswith(f"{REMARK}.{problem}"), found


def test_values_that_the_blueprint_does_not_list_have_a_case_by_otherwise(example: Blueprint) -> None:
    by = {**SHARED_SETTINGS["by"], "mood": {"by": "minutes", "30": "poor", "otherwise": "good"}}
    assert set(remark(reviewed(example, by=by)).templates_by) >= {"work / poor", "work / good"}


def test_a_blueprint_with_a_shared_text_is_sound(example: Blueprint) -> None:
    _, model = planned(profile(), blueprint=reviewed(example))
    assert list(model_problems(model)) == []
