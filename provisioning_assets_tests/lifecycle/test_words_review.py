"""A CE looks through the customer's words, corrects and confirms them. The real command, on a small site without a network."""

import json
from pathlib import Path

import pytest

from provisioning_assets_tests.command_line import AS_OF, Workplace

URL = "https://www.tallow-and-rye.example"
KEY = "tallow__and__rye_example"
MENU = """
<nav><ul><li><a href="index.html">Home</a></li>
<li><a href="services.html">Services</a><ul>
<li><a href="boilers.html">Boiler repair</a></li><li><a href="drains.html">Drain cleaning</a></li>
<li><a href="bathrooms.html">Bathroom fitting</a></li><li><a href="radiators.html">Radiator balancing</a></li></ul></li>
<li><a href="contact.html">Contact</a></li></ul></nav>
"""
FOOTER = "<footer><p>© 2026 Tallow &amp; Rye Ltd, 12 Mill Lane, Leeds LS1 4AB, United Kingdom. Tel. +44 113 496 0123</p></footer>"
ABOUT = (
    "<p>We are plumbers. We repair boilers, clean drains and fit bathrooms for homes and offices. "
    "Every job gets a fixed quote, and our engineers come when they said they would.</p>"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("review")
    site = folder / "site"
    site.mkdir()
    for name, head in {"index": "Tallow & Rye", "boilers": "Boiler repair", "drains": "Drain cleaning"}.items():
        page = f"<html lang=en><title>{head} | Tallow &amp; Rye</title><body>{MENU}<h1>{head}</h1>{ABOUT}{FOOTER}</body></html>"
        (site / f"{name}.html").write_text(page, encoding="utf-8")
    place = Workplace(folder)
    run = place.provision("run", URL, "--saved-pages", str(site), "--industry", "general_business", *AS_OF)
    assert run.returncode == 0, run.stdout + run.stderr
    return place


def reviewed(place: Workplace, *arguments: str) -> dict:
    done = place.provision("review", KEY, "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def words(review: dict, slot: str) -> dict[str, str]:
    return {word["word"]: word["source"] for word in review["words"] if word["slot"] == slot}


def test_words_are_reviewed_corrected_and_confirmed(place: Workplace) -> None:
    first = reviewed(place)
    assert words(first, "service_lines") == dict.fromkeys(
        ["Boiler repair", "Drain cleaning", "Bathroom fitting", "Radiator balancing"], "customer"
    )
    shown = next(word for word in first["words"] if word["word"] == "Drain cleaning")
    assert (shown["page"], shown["passage"], shown["under"]) == (f"{URL}/index.html", "Drain cleaning", "Services")
    facts = {fact["what"]: fact for fact in first["facts"]}
    assert facts["company"]["value"] == "Tallow & Rye"
    assert facts["country"]["value"] == "GB"
    assert "an address: GB" in facts["country"]["doubt"]
    assert first["confirmed"] is None

    again = reviewed(
        place, "--drop", "drain cleaning", "--use", "segments=Landlords,Home owners,Offices", "--name", "Tallow"
    )
    assert "Drain cleaning" not in words(again, "service_lines")
    assert words(again, "segments") == dict.fromkeys(["Landlords", "Home owners", "Offices"], "edit")
    statuses = {stage["stage"]: stage["status"] for stage in again["run"]["stages"]}
    assert statuses["customer_website"] == "reused"
    assert place.document(KEY, "demo_scorecard")["company_name"] == "Tallow"
    assert "Drain cleaning" not in (place.store / KEY / "data_model.json").read_text()

    confirmed = reviewed(place, "--confirm", "Ana Ruiz")
    assert confirmed["confirmed"]["by"] == "Ana Ruiz"
    scorecard = place.document(KEY, "demo_scorecard")
    assert scorecard["words_confirmed_by"] == "Ana Ruiz"
    assert any("confirmed by Ana Ruiz" in notice for notice in scorecard["notices"])

    changed = reviewed(place, "--use", "service_lines=Heating,Plumbing,Bathrooms")
    assert changed["confirmed"] is None, "other words are not confirmed"
    assert place.document(KEY, "demo_scorecard")["words_confirmed_by"] is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--drop", "Roofing"), "'Roofing'"),
        (("--use", "plans"), "'plans'"),
        (("--use", "plans=Solo,Team"), "plans"),
        (("--country", "Britain"), "'Britain'"),
        (("--industry", "plumbing"), "plumbing"),
        (("--name", "x" * 61), "company_name"),
    ],
)
def test_a_correction_that_cannot_be_made_leaves_the_demo_as_it_is(
    place: Workplace, arguments: tuple[str, ...], problem: str
) -> None:
    before = (place.store / KEY / "customer_request.json").read_bytes()
    done = place.provision("review", KEY, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert (place.store / KEY / "customer_request.json").read_bytes() == before


def test_the_review_is_readable_in_a_terminal(place: Workplace) -> None:
    done = place.provision("review", KEY)
    assert done.returncode == 0
    assert "Boiler repair" in done.stdout or "Heating" in done.stdout
    assert f"provision review {KEY} --drop" in done.stdout
    assert Path(URL).name in done.stdout
