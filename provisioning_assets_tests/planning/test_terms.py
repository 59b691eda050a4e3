"""Terms of a blueprint: the customer's own figures where the site states them, else the trade's; never scaled twice."""

from typing import Any

import pytest

from provisioning_assets.demo_corrections import Corrections
from provisioning_assets.demo_edits import Edit
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint import Blueprint, UsualHours
from provisioning_assets.planning.blueprint_files import load_blueprint
from provisioning_assets.planning.blueprint_rules import blueprint_problems
from provisioning_assets.planning.demo_blueprint import customer_words, filled_blueprint, market_of_customer, with_edits
from provisioning_assets.planning.models import DemoBlueprint
from provisioning_assets.planning.plan_parts import PARTS, with_answer
from provisioning_assets.planning.shown_words import digest_of_words, shown_words
from provisioning_assets.planning.table_design.design import design_tables
from provisioning_assets.planning.terms import opening_rhythm
from provisioning_assets.planning.words import fill_googlesql, fill_row_expression, fill_text
from provisioning_assets.research.profile.models import periods_of
from provisioning_assets_tests.planning.conftest import profile
from provisioning_assets_tests.planning.trial_designs import column, written

PAGE = "https://acme.com/delivery"
TERMS = {
    "fee": {"from": "shipping_fee", "otherwise": 4.5, "description": "Fee"},
    "days": {"from": "return_days", "otherwise": 30, "description": "Days"},
    "cut": {"from": "trade_discount", "otherwise": 10, "description": "Cut", "given_to": "models"},
    "open_hours": {"from": "opening_hours", "otherwise": {"hours": "shop", "weekdays": "shop"}, "description": "Hours"},
}


def figure(value: float, unit: str, words: str = "as the site says", under: str = "") -> dict[str, Any]:
    return {"value": value, "unit": unit, "evidence": [{"page": PAGE, "words": words, "under": under}]}


def stated(**figures: dict[str, Any]) -> dict[str, Any]:
    return {"terms": {"figures": figures}}


FEE = stated(shipping_fee=figure(7.95, "currency", "Parcel | 7.95"))


@pytest.fixture
def with_terms(example: Blueprint) -> Blueprint:
    return written(example, {"terms": TERMS})


def made(blueprint: Blueprint, corrections: Corrections | None = None, **known: object) -> DemoBlueprint:
    return filled_blueprint(blueprint, profile(**known), blueprint.id, corrections)


def generator(blueprint: Blueprint, path: str, **known: Any) -> Any:
    table, _, name = path.partition(".")
    found = made(blueprint, **known)
    design = design_tables(found.blueprint, customer_words(found), market_of_customer(found.customer))
    assert design.problems == []
    return column(next(each for each in design.tables if each.name == table), name).generator


def test_the_site_goes_before_the_trade_and_is_not_scaled(with_terms: Blueprint) -> None:
    own = (
        made(with_terms, country="JP", currency="JPY", **stated(shipping_fee=figure(550, "currency")))
        .blueprint.terms["fee"]
        .filled
    )
    usual = made(with_terms, country="JP", currency="JPY").blueprint.terms["fee"].filled
    assert own is not None
    assert usual is not None
    assert (own.value, own.source, own.page, own.passage) == (550, "customer", PAGE, "as the site says")
    assert usual.source == "blueprint"
    assert usual.value is not None
    assert usual.value > 300  # yen, for 4.50 euros


def test_an_amount_in_another_currency_than_the_demos_is_not_used(with_terms: Blueprint) -> None:
    found = made(with_terms, country="US", currency="XAU", **FEE)
    filled = found.blueprint.terms["fee"].filled
    assert filled is not None
    assert (filled.source == "customer") == (market_of_customer(found.customer).currency == "XAU")


def test_terms_are_numbers_in_texts_sql_and_expressions(with_terms: Blueprint) -> None:
    words = customer_words(
        made(with_terms, **stated(shipping_fee=figure(1_234_567.5, "currency"), return_days=figure(60, "days")))
    )
    assert fill_text("{fee} and {days}", words) == "1234567.5 and 60"
    assert fill_googlesql("SELECT {fee} AS fee, {days} AS days", words) == "SELECT 1234567.5 AS fee, 60 AS days"
    assert fill_row_expression("x > {fee} and y < {days}", words) == "x > 1234567.5 and y < 60"


@pytest.mark.parametrize(("country", "currency"), [("DE", "EUR"), ("JP", "JPY")])
def test_an_amount_of_the_site_in_a_number_of_money_is_not_scaled(
    with_terms: Blueprint, country: str, currency: str
) -> None:
    blueprint = written(
        with_terms,
        {
            "tables.repairs.columns.cost.gamma.mean": "{fee}",
            "tables.repairs.columns.cost.gamma.minimum": 5,
        },
    )
    found = generator(blueprint, "repairs.cost", country=country, currency=currency, **FEE)
    assert found.a == 7.95
    assert (found.minimum == 5) == (currency == "EUR")  # what the author wrote is


def test_an_amount_of_the_site_as_a_case(with_terms: Blueprint) -> None:
    value = {"by": "rental_id.started_late", "true": "{fee}", "otherwise": 14}
    cost = {"value": value, "description": "What it cost", "synonyms": ["bill"], "type": "NUMERIC"}
    blueprint = written(with_terms, {"tables.repairs.columns.cost": cost})
    blueprint = written(
        blueprint,
        {"insights": {k: v for k, v in blueprint.model_dump(mode="json")["insights"].items() if k != "dear_repairs"}},
    )
    found = generator(blueprint, "repairs.cost", country="JP", currency="JPY", **FEE)
    assert "7.95" in found.sql
    assert " 14" not in found.sql


def test_a_text_is_refused_where_a_number_is_needed(with_terms: Blueprint) -> None:
    for reference, message in (("{company}", "is not a number"), ("{fees}", "neither a slot nor a fact")):
        blueprint = written(with_terms, {"tables.rentals.columns.minutes.lognormal.median": reference})
        (problem,) = {each.place: each for each in blueprint_problems(blueprint)}.values()
        assert message in problem.words
        assert problem.place[:4] == ("tables", "rentals", "columns", "minutes")


def test_a_discount_is_given_to_the_words_that_the_site_names(with_terms: Blueprint) -> None:
    cut = figure(15, "percent", "15% off every order.", under="Cargo")
    words = customer_words(made(with_terms, **stated(trade_discount=cut)))
    assert fill_googlesql("x IN ({cut_given_to})", words) == "x IN ('Cargo')"
    assert fill_googlesql("x IN ({cut_given_to})", customer_words(made(with_terms))) == "x IN (NULL)"


def test_a_group_that_gets_the_discount_is_taken_into_the_slot(with_terms: Blueprint) -> None:
    cut = figure(15, "percent", "Trade members save 15%.")
    cut["given_to"] = [{"value": "Trade members", "evidence": cut["evidence"]}]
    found = made(with_terms, **stated(trade_discount=cut)).blueprint
    words = [(word.word, word.source) for word in found.slots["models"].filled]
    assert words[-1] == ("Trade members", "customer")
    assert found.terms["cut"].filled is not None
    assert found.terms["cut"].filled.given_to == ["Trade members"]
    dropped = made(with_terms, Corrections(dropped=["Trade members"]), **stated(trade_discount=cut)).blueprint
    assert "Trade members" not in [word.word for word in dropped.slots["models"].filled]


def test_the_ce_drops_and_says_terms(with_terms: Blueprint) -> None:
    dropped = made(with_terms, Corrections(dropped=["fee"]), **FEE).blueprint.terms["fee"].filled
    said = made(
        with_terms, Corrections(used={"fee": ["8.95"], "open_hours": ["Mo-Fr 09:00-18:00", "Sa 10:00-14:00"]}), **FEE
    )
    assert dropped is not None
    assert dropped.source == "blueprint"
    shown = {word.slot: (word.word, word.source) for word in shown_words(said)}
    assert shown["fee"] == ("8.95 USD", "edit")
    assert shown["open_hours"] == ("Mo-Fr 09:00-18:00, Sa 10:00-14:00", "edit")
    assert digest_of_words(said) != digest_of_words(made(with_terms, **FEE))


@pytest.mark.parametrize(
    "used", [{"fee": ["cheap"]}, {"fee": ["-1"]}, {"fee": ["nan"]}, {"days": ["2.5"]}, {"open_hours": ["always"]}]
)
def test_what_is_no_figure_is_refused_with_a_remedy(with_terms: Blueprint, used: dict[str, list[str]]) -> None:
    with pytest.raises(ProvisioningError) as refused:
        made(with_terms, Corrections(used=used))
    assert next(iter(used)) in refused.value.problem
    assert refused.value.remedy


def test_an_edit_sets_a_term_and_is_the_ces(with_terms: Blueprint) -> None:
    before = made(with_terms, **FEE)
    after = with_edits(before, [Edit(path="terms.fee.filled.value", value=8.95)])
    filled = after.blueprint.terms["fee"].filled
    assert filled is not None
    assert (filled.value, filled.source, filled.page) == (8.95, "edit", None)
    assert customer_words(after).facts["fee"] == 8.95
    with pytest.raises(ProvisioningError, match="no number"):
        with_edits(before, [Edit(path="terms.fee.filled.value", value=-3)])


def test_claude_changes_what_is_usual_and_not_what_the_site_states(with_terms: Blueprint) -> None:
    document = made(with_terms, **FEE).blueprint.model_dump(mode="json")
    changed, problems = with_answer(document, PARTS["tables"], {"terms": {"fee": {"otherwise": 3.5}}})
    assert problems == []
    assert changed["terms"]["fee"]["otherwise"] == 3.5
    _, problems = with_answer(document, PARTS["tables"], {"terms": {"fee": {"filled": {"value": 1}}}})
    assert [problem.place for problem in problems] == [("terms", "fee", "filled")]


# --- opening hours ---------------------------------------------------------------------------------------------------


def test_nobody_comes_on_a_day_on_which_it_is_closed(with_terms: Blueprint) -> None:
    hours = {
        "periods": [{"weekday": day, "opens": "09:30", "closes": "18:00"} for day in (1, 2, 3, 4)],
        "evidence": [{"page": PAGE, "words": "Tue-Fri"}],
    }
    blueprint = written(
        with_terms,
        {"tables.rentals.columns.rented_at.arrival": {"hours": "$open_hours", "weekdays": "$open_hours"}},
    )
    found = generator(blueprint, "rentals.rented_at", terms={"opening_hours": hours})
    assert [day for day, weight in enumerate(found.weekdays) if weight == 0] == [0, 5, 6]
    assert [hour for hour, weight in enumerate(found.hours) if weight > 0] == list(range(10, 18))  # whole hours
    usual = generator(blueprint, "rentals.rented_at")
    assert usual.weekdays[0] > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Su 20:00-02:00", {20, 21, 22, 23, 0, 1}),  # over midnight
        ("Mo-Su 11:10-11:50", {11}),  # less than an hour
        ("Mo 09:00-12:00, Tu 14:00-16:00", {9, 10, 11, 14, 15}),
    ],
)
def test_open_hours(text: str, expected: set[int]) -> None:
    periods = periods_of(text)
    found = opening_rhythm(periods, UsualHours.model_validate({"hours": "office", "weekdays": "office"}))
    assert {hour for hour, weight in enumerate(found["hours"]) if weight > 0} == expected


def test_a_rhythm_that_is_no_term_is_refused(with_terms: Blueprint) -> None:
    blueprint = written(with_terms, {"tables.rentals.columns.rented_at.arrival": {"hours": "$shop"}})
    assert any("$shop is not a term with opening hours" in problem.words for problem in blueprint_problems(blueprint))


# --- the section -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"terms.models": TERMS["fee"]}, "already a slot"),
        ({"terms.company": TERMS["fee"]}, "already a slot"),
        ({"terms.cut.given_to": "model"}, "is not a slot"),
        ({"terms.days.otherwise": 2.5}, "no whole number"),
        ({"terms.days.otherwise": 1e9}, "no number from 0"),
    ],
)
def test_a_term_that_cannot_be_is_refused(with_terms: Blueprint, change: dict[str, Any], message: str) -> None:
    (problem,) = blueprint_problems(written(with_terms, change))
    assert message in problem.words.lower()
    assert problem.place[0] == "terms"


@pytest.mark.parametrize(
    "change",
    [
        {"terms.fee.otherwise": {"hours": "shop", "weekdays": "shop"}},
        {"terms.open_hours.otherwise": 3},
        {"terms.fee.given_to": "models"},
        {"terms.fee.from": "shipping"},
    ],
)
def test_a_term_of_another_form_is_refused(with_terms: Blueprint, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"terms\."):
        written(with_terms, change)


# --- retail ----------------------------------------------------------------------------------------------------------


def tiers(*named: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"value": name, "price": spend, "evidence": [{"page": PAGE, "words": name}]} for name, spend in named]


LADDER = (("Seedling", 0), ("Evergreen", 500), ("Old Growth", 2000))


def test_loyalty_tiers_are_those_of_the_site_or_those_of_the_trade() -> None:
    retail = load_blueprint("retail_ecommerce")
    own = made(retail, loyalty_tiers=tiers(*LADDER))
    filled = own.blueprint.slots["loyalty_tiers"].filled
    assert [(word.word, word.price, word.source) for word in filled] == [
        ("Seedling", 0, "customer"),
        ("Evergreen", 500, "customer"),
        ("Old Growth", 2000, "customer"),
    ]
    design = design_tables(own.blueprint, customer_words(own), market_of_customer(own.customer))
    assert design.problems == []
    for named in ((), (("Plus", 0), ("Max", 100))):  # two tiers are not three
        words = made(retail, loyalty_tiers=tiers(*named)).blueprint.slots["loyalty_tiers"].filled
        assert [word.word for word in words] == ["Basic", "Silver", "Gold"]
    with pytest.raises(ProvisioningError, match="3 are needed"):
        made(retail, Corrections(used={"loyalty_tiers": ["Plus", "Max"]}))


def test_thresholds_are_dealt_to_the_tiers() -> None:
    retail = load_blueprint("retail_ecommerce")
    table = {
        "description": "Tiers.",
        "synonyms": ["levels"],
        "rows": {
            "each": "loyalty_tiers",
            "values": {"name": "{word}", "from_spend": [0, 300, 1000]},
            "prices": "from_spend",
        },
        "columns": {
            "tier_id": {"key": 1},
            "name": {"description": "Name of the tier", "synonyms": ["tier name"]},
            "from_spend": {
                "description": "Yearly spend from which it is held",
                "synonyms": ["threshold"],
                "type": "NUMERIC",
            },
        },
    }
    own = made(
        written(retail, {"tables.tiers": table}),
        loyalty_tiers=tiers(*LADDER),
    )
    design = design_tables(own.blueprint, customer_words(own), market_of_customer(own.customer))
    assert design.problems == []
    rows = next(each for each in design.tables if each.name == "tiers").population
    assert [record["from_spend"] for record in rows.rows] == [0, 500, 2000]  # pyright: ignore[reportAttributeAccessIssue]
