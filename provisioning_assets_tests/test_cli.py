"""From a website address to a demo, through the command, as a user types it."""

import json
import os
import signal
import subprocess
from pathlib import Path

import duckdb
import pytest

from provisioning_assets.planning.blueprint_sources import BLUEPRINTS
from provisioning_assets_tests.command_line import AS_OF, EXAMPLE_KEY, EXAMPLE_PAGES, EXAMPLE_URL, PROVISION, Workplace

ASSETS = [
    "customer_request", "customer_website", "customer_profile", "demo_blueprint", "demo_plan", "data_model", "synthetic_tables",
    "data_quality_report",
    "demo_dataset", "golden_queries", "data_agent", "agent_evaluation", "demo_booklet", "demo_scorecard",
]  # fmt: skip


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The example customer, provisioned once."""
    place = Workplace(tmp_path_factory.mktemp("demo"))
    process = place.provision("run", EXAMPLE_URL, "--saved-pages", str(EXAMPLE_PAGES), "--seed", "7", *AS_OF)
    assert process.returncode == 0, process.stdout + process.stderr
    (place.folder / "printed.txt").write_text(process.stdout)
    return place


def test_the_run_prints_every_stage_the_scorecard_and_what_to_do_next(workplace: Workplace) -> None:
    printed = (workplace.folder / "printed.txt").read_text()
    for asset in ASSETS:
        assert asset in printed
    assert str(workplace.store / EXAMPLE_KEY / "booklet" / "index.html") in printed
    for command in ("provision ask", "make ui", "provision run"):
        assert command in printed


def test_the_store_holds_what_is_promised(workplace: Workplace) -> None:
    folder = workplace.store / EXAMPLE_KEY
    for asset in ASSETS:
        assert workplace.document(EXAMPLE_KEY, asset)["schema_version"] == 1
    model = workplace.document(EXAMPLE_KEY, "data_model")
    tables = {table["name"] for table in model["tables"]}
    assert 5 <= len(tables) <= 12
    assert {file.parent.name for file in folder.glob("tables/*/*.parquet")} == tables
    with duckdb.connect(str(folder / "dataset.duckdb"), read_only=True) as connection:
        assert {row[0] for row in connection.execute("SHOW TABLES").fetchall()} == tables
    hidden = [path.name for path in folder.iterdir() if path.name.startswith(".")]
    assert [name for name in hidden if not name.endswith("lock")] == []


def test_the_demo_is_ready_and_its_golden_queries_are_proved(workplace: Workplace) -> None:
    scorecard = workplace.document(EXAMPLE_KEY, "demo_scorecard")
    assert scorecard["ready"], scorecard["reasons"]
    queries = workplace.document(EXAMPLE_KEY, "golden_queries")["queries"]
    assert len(queries) >= 12
    for query in queries:
        assert query["error"] is None
        assert query["row_count"] > 0
        assert len(query["paraphrases"]) >= 2
    complexities = [query["complexity"] for query in queries]
    assert min(complexities.count(level) for level in ("simple", "medium", "complex", "expert")) >= 2
    assert all(query["proof"]["holds"] for query in queries if query["insight_id"])


def test_a_second_run_reuses_everything(workplace: Workplace) -> None:
    before = (workplace.store / EXAMPLE_KEY / "demo_scorecard.json").stat().st_mtime_ns
    process = workplace.provision("run", EXAMPLE_URL, "--json")
    report = json.loads(process.stdout)
    assert process.returncode == 0, process.stderr
    assert {stage["status"] for stage in report["stages"]} == {"reused"}
    assert report["ready"] is True
    assert (workplace.store / EXAMPLE_KEY / "demo_scorecard.json").stat().st_mtime_ns == before


def test_a_missing_file_is_made_again_with_what_depends_on_it(workplace: Workplace) -> None:
    (workplace.store / EXAMPLE_KEY / "booklet" / "index.html").unlink()
    report = json.loads(workplace.provision("run", EXAMPLE_URL, "--json").stdout)
    made = [stage["stage"] for stage in report["stages"] if stage["status"] == "made"]
    assert made == ["demo_booklet", "demo_scorecard"]


def test_ask_answers_with_sql_and_rows(workplace: Workplace) -> None:
    question = workplace.document(EXAMPLE_KEY, "golden_queries")["queries"][0]["question"]
    answer = json.loads(workplace.provision("ask", EXAMPLE_KEY, question, "--json").stdout)
    assert answer["matched_query"] is True
    assert answer["rows"]
    assert answer["sql"].lstrip().upper().startswith(("SELECT", "WITH"))


def test_an_endpoint_where_nothing_answers_is_named(workplace: Workplace) -> None:
    process = subprocess.run(
        [PROVISION, "ask", EXAMPLE_KEY, "revenue by month"],
        env={**workplace.environment, "CONVERSATIONAL_ANALYTICS_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "http://127.0.0.1:9" in process.stderr
    assert "Traceback" not in process.stderr


def test_what_the_agent_does_not_understand_it_says(workplace: Workplace) -> None:
    process = workplace.provision("ask", EXAMPLE_KEY, "colourless green ideas sleep furiously")
    assert process.returncode == 1
    assert process.stdout.count("?") >= 3  # three questions it can answer


def test_preview_shows_a_customers_tables_and_stores_nothing(workplace: Workplace) -> None:
    before = sorted(path for path in workplace.store.rglob("*"))
    shown = workplace.provision("preview", EXAMPLE_URL, "--rows", "2")
    assert shown.returncode == 0, shown.stderr
    assert "\x1b" not in shown.stdout
    model = workplace.document(EXAMPLE_KEY, "data_model")
    for table in model["tables"]:
        assert f"\n{table['name']} " in shown.stdout
    assert "not stored" in shown.stdout
    one = json.loads(workplace.provision("preview", EXAMPLE_KEY, "--table", "orders", "--rows", "2", "--json").stdout)
    assert one["origin"] == EXAMPLE_KEY
    assert [(table["name"], len(table["first_rows"])) for table in one["tables"]] == [("orders", 2)]
    assert sorted(path for path in workplace.store.rglob("*")) == before


def test_preview_of_an_industry_or_a_file_needs_no_customer(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    industry = place.provision("preview", "--blueprint", "telecom", "--country", "de", "--seed", "3", *AS_OF, "--json")
    assert json.loads(industry.stdout)["locale"] == "de_DE"
    file = BLUEPRINTS / "telecom.yaml"
    from_file = place.provision("preview", "--blueprint", str(file), "--country", "de", "--seed", "3", *AS_OF, "--json")
    first, second = (json.loads(process.stdout) for process in (industry, from_file))
    assert first["tables"] == second["tables"]
    assert not place.store.exists()


def test_preview_runs_one_query_instead(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    telecom = ("preview", "--blueprint", "telecom", *AS_OF)
    sql = "SELECT plan_id FROM plans ORDER BY plan_id"
    shown = place.provision(*telecom, "--sql", sql, "--rows", "2")
    assert shown.returncode == 0, shown.stderr
    assert "plan_id" in shown.stdout
    assert "are not shown (--rows)" in shown.stdout
    found = json.loads(place.provision(*telecom, "--sql", sql, "--json").stdout)
    assert len(found["rows"]) == found["row_count"] > 2
    assert not place.store.exists()


def test_an_authors_mistakes_are_shown_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "telecom.yaml"
    file.write_text((BLUEPRINTS / "telecom.yaml").read_text().replace("history_days:", "history_day:"))
    process = Workplace(tmp_path).provision("preview", "--blueprint", str(file))
    assert process.returncode == 2
    assert "telecom.yaml, line" in process.stderr
    assert "Did you mean 'history_days'?" in process.stderr
    assert process.stdout == ""


def test_list_and_show(workplace: Workplace) -> None:
    (demo,) = json.loads(workplace.provision("list", "--json").stdout)
    assert (demo["key"], demo["state"], demo["age_days"]) == (EXAMPLE_KEY, "ready", 0)
    assert EXAMPLE_KEY in workplace.provision("list").stdout
    shown = workplace.provision("show", EXAMPLE_URL)
    assert shown.returncode == 0
    assert "Harbour & Pine" in shown.stdout
    assert "command line" in shown.stdout
    details = json.loads(workplace.provision("show", EXAMPLE_KEY, "--json").stdout)
    made = details["history"][0]
    assert (made["trigger"], made["ready"], made["as_of"]) == ("command line", True, demo["figures_of"])
    assert made["seconds"] > 0
    assert made["code_versions"]["synthetic_tables"]
    assert details["booklet"].endswith("booklet/index.html")


def test_a_refresh_leaves_an_as_of_date_that_was_given(workplace: Workplace) -> None:
    """The example is made with --as-of."""
    before = workplace.document(EXAMPLE_KEY, "customer_request")
    for more, words in (
        ([], "Release it with: provision refresh harbourandpine_example --as-of today"),
        (["--as-of", "2026-07-01"], "A refresh takes the day's date"),
    ):
        refused = workplace.provision("refresh", EXAMPLE_KEY, *more)
        assert refused.returncode == 2
        assert words in " ".join(refused.stderr.split())
    assert workplace.document(EXAMPLE_KEY, "customer_request") == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "ftp://acme.com"], "not an http or https address"),
        (["run", "https://acme.com", "--key", "Not A Key"], "not a customer key"),
        (["run", "https://acme.com", "--industry", "shoes"], "retail_ecommerce"),
        (["run", "https://acme.com", "--size", "huge"], "small, medium, large, xlarge"),
        (["run", "https://acme.com", "--seed", "minus one"], "whole number"),
        (["run", "https://acme.com", "--as-of", "tomorrow"], "as-of date"),
        (["run", "https://acme.com", "--ttl-days", "0"], "1 to 365"),
        (["run", "https://acme.com", "--owner", "Ann"], "not a mail address"),
        (["run", "https://acme.com", "--saved-pages", "/nowhere"], "not a folder"),
        (["show", "unknown_com"], "no demo of unknown_com"),
        (["refresh", "unknown_com"], "no demo of unknown_com"),
        (["ask", "unknown_com", "revenue?"], "no demo of unknown_com"),
        (["ask", "../../etc", "revenue?"], "no valid host name"),
        (["preview"], "Give one of them: a customer's key, or --blueprint"),
        (["preview", "acme_com", "--blueprint", "saas"], "Give one of them: a customer's key, or --blueprint"),
        (["preview", "unknown_com"], "no demo of unknown_com"),
        (["preview", "acme_com", "--size", "small"], "--size cannot be given for a customer"),
        (["preview", "--blueprint", "saass"], "Did you mean 'saas'?"),
        (["preview", "--blueprint", "saas", "--size", "huge"], "small, medium, large, xlarge"),
        (["preview", "--blueprint", "saas", "--country", "XX"], "not a known country"),
        (["preview", "--blueprint", "saas", "--table", "parcels"], "Its tables: plans, modules"),
        (["preview", "--blueprint", "/nowhere/shop.yaml"], "cannot be read"),
        (["preview", "--blueprint", "saas", "--sql", "SELECT plan FROM planz"], "There is no table planz"),
        (["preview", "--blueprint", "saas", "--sql", "DROP TABLE plans"], "not one single SELECT"),
        (["preview", "--blueprint", "saas", "--sql", "SELECT 1", "--table", "plans"], "--sql was given with --table"),
        (["preview", "--blueprint", "saas", "--sql", "SELECT 1", "--full"], "--sql was given with --full"),
        (["run", "https://acme.com", "--planner", "robots"], "not a planner"),
        (["run", "https://acme.com", "--planner", "claude-only"], "there is no key for Claude"),
        (["teardown", "no key"], "not a customer key"),
        (["extend", "unknown_com", "--pinned"], "no demo of unknown_com"),
    ],
)
def test_mistakes_are_refused_in_words_before_anything_is_stored(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    place = Workplace(tmp_path)
    process = place.provision(*arguments)
    assert process.returncode == 2
    assert words in " ".join(process.stderr.split())
    assert "Traceback" not in process.stderr
    assert not place.store.exists() or list(place.store.iterdir()) == []


def test_a_site_that_cannot_be_reached_says_what_to_do(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    process = place.provision("run", "http://127.0.0.1:9")
    assert process.returncode == 1
    assert "--saved-pages" in process.stdout + process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    assert not (place.store / "127_0_0_1___9" / "customer_profile.json").exists()


def test_teardown_removes_everything_and_can_be_repeated(tmp_path: Path, workplace: Workplace) -> None:
    place = Workplace(tmp_path)
    workplace.store.rename(place.store)
    try:
        removed = json.loads(place.provision("teardown", EXAMPLE_KEY, "--json").stdout)["removed"]
        assert {"agent", "data set", "artefacts"} <= set(removed)
        assert not (place.store / EXAMPLE_KEY).exists()
        again = place.provision("teardown", EXAMPLE_KEY)
        assert again.returncode == 0
        assert "nothing" in again.stdout
    finally:
        place.store.rename(workplace.store)


def test_the_ui_warns_of_a_home_without_the_limits(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    process = subprocess.Popen(
        [PROVISION, "ui", "--port", "1"], env=place.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stderr
        warning = next(line for line in process.stderr if line.startswith("Warning: "))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert f"{place.environment['DAGSTER_HOME']}/dagster.yaml lacks concurrency.runs.tag_concurrency_limits" in warning
    assert "Copy" in warning
