"""The evaluations can be run, with Claude and without, and say which is which; laws get the outcome that they have."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from evaluation.laws import run as laws_run
from evaluation.laws.law_file import TradeLaw, read_laws
from evaluation.laws.run import LAWS
from evaluation.laws.run import main as evaluate_laws
from evaluation.research.run import main as evaluate_research
from provisioning_assets.planning.blueprint_sources import blueprint_ids
from provisioning_assets_tests.claude_service import Reply, claude_service
from provisioning_assets_tests.research.profile.plumbers import said

SITE = "auto-kunetice"


def test_research_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert evaluate_research(["--only", SITE, "--claude"]) == 0
    printed = capsys.readouterr().out
    assert "Not read by Claude" in printed
    assert re.search(r"^seen: 1 sites$", printed, re.MULTILINE)


def test_research_with_claude_prints_both_readings_and_the_cost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with claude_service(lambda _: Reply(said())) as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key")
        for calls in ("3 calls, 0 answers reused, 0.01 USD", "0 calls, 3 answers reused, 0.00 USD"):
            assert evaluate_research(["--only", SITE, "--claude", "--answers", str(tmp_path)]) == 0
            printed = capsys.readouterr().out
            assert "seen: 1 sites" in printed
            assert "seen, read by Claude: 1 sites" in printed
            assert calls in printed


# --- laws ------------------------------------------------------------------------------------------------------------

SHOP = {
    "holds": ("Nobody pays less than nothing", "select id from sales where paid < 0", "0 rows"),
    "broken": ("Nobody pays more than 30", "select id, paid from sales where paid > 30", "0 rows"),
    "implausible": (
        "Half of the sales are gifts",
        "select avg(gift::int) as share, count(*) n from sales",
        "0.4-0.6 (experience)",
    ),
    "query fails": ("Nobody tips", "select tip from sales", "0 rows"),
    "by eye": ("Gifts are dear", "select gift, avg(paid) from sales group by gift", "gifts 1.5-3 times the others"),
}
"""Outcome -> a law with it: what it says, its query, and what is right."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A demo's folder with one table of four sales, one of which is a gift."""
    folder = tmp_path / "shop_example"
    (folder / "tables" / "sales").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS id, i * 10 AS paid, i = 4 AS gift FROM range(1, 5) t(i)) TO $file (FORMAT parquet)",
            {"file": str(folder / "tables" / "sales" / "part-00000.parquet")},
        )
    return folder


def law_file(folder: Path, *laws: tuple[str, str, str], industry: str = "shop", **more: object) -> Path:
    written = [{"industry": industry, "law": law, "sql": sql, "right": right, **more} for law, sql, right in laws]
    file = folder / "laws.yaml"
    file.write_text(json.dumps(written))
    return file


@pytest.mark.parametrize("outcome", SHOP)
@pytest.mark.parametrize("inner", ["", "tables"])
def test_each_law_gets_its_outcome(
    outcome: str, inner: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = law_file(tmp_path, SHOP[outcome], today="holds")
    assert evaluate_laws([str(file), "--tables", str(shop / inner)]) == 0
    printed = capsys.readouterr().out
    assert re.search(rf"^  {outcome} +{SHOP[outcome][0]}$", printed, re.MULTILINE)
    assert ("was holds" in printed) is (outcome != "holds")
    counts = " | ".join(str(int(outcome == each)) for each in SHOP)
    share = {"holds": "100%", "by eye": "–"}.get(outcome, "0%")
    assert f"| shop | 1 | {counts} | {share} |" in printed


def test_rows_and_figures_of_what_does_not_hold_are_shown(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate_laws([str(law_file(tmp_path, *SHOP.values())), "--tables", str(shop)]) == 0
    printed = capsys.readouterr().out
    assert "1 row, right: 0 rows\n               id 4, paid 40" in printed
    assert "0.25, right: 0.4-0.6 (experience)\n               share 0.25, n 4" in printed
    assert "gift True, avg(paid) 40" in printed
    assert printed.index("broken ") < printed.index("holds ")
    assert "| shop | 5 | 1 | 1 | 1 | 1 | 1 | 25% |" in printed


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("0.1 to 0.7", (0.1, 0.7)),
        ("-0.95 to -0.2", (-0.95, -0.2)),
        ("3-50", (3, 50)),
        ("0.40-0.65 (experience)", (0.4, 0.65)),
        ("0-1 a day", None),
        ("10-40 % shorter", None),
        ("below 0.03", None),
    ],
)
def test_what_is_right_is_a_range_or_left_to_the_reader(right: str, expected: tuple[float, float] | None) -> None:
    assert TradeLaw(industry="shop", law="It holds", sql="select 1", right=right).range() == expected


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select max(paid) from sales where paid > 90", "it returns no figure"),
        ("select 'much'", "its figure is no number"),
        ("select 'much", "query fails"),
        ("select count(*) from read_csv('/etc/passwd')", "Permission Error"),
        ("select sum(a.paid) from sales a, range(100000000) b, range(100000000) c", "it took longer than 0.2 seconds"),
    ],
)
def test_a_query_without_a_figure_fails(
    sql: str,
    reason: str,
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(laws_run, "MOST_SECONDS", 0.2)
    assert evaluate_laws([str(law_file(tmp_path, ("It holds", sql, "0 to 1"))), "--tables", str(shop)]) == 0
    printed = capsys.readouterr().out
    assert "query fails  It holds" in printed
    assert reason in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--industry", "pets"], "The file has no law of 'pets'. It has laws of "),
        (["--tables", "."], "The file has laws of several industries."),
        (["--industry", "saas", "--size", "huge"], "huge"),
        (["--industry", "saas", "--tables", "/nowhere"], "/nowhere has no tables."),
        (["--industry", "saas", "--as-of", "tomorrow"], "'tomorrow' is not a day."),
    ],
)
def test_a_mistake_in_the_command_is_told(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_laws(arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("text", ["- {industry: shop}", "laws: []", "[]", "- [", "\x00"])
def test_what_is_no_file_of_laws_is_told(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "laws.yaml"
    file.write_text(text)
    assert evaluate_laws([str(file)]) == 2
    assert "laws.yaml" in capsys.readouterr().err


def test_laws_are_tried_on_the_example_customer_of_their_industry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laws = [law for law in read_laws(LAWS) if law.industry == "general_business"]
    few = [(law.law, law.sql, law.right) for law in laws[:3]]
    file = law_file(tmp_path, *few, industry="general_business", dialect="googlesql")
    assert evaluate_laws([str(file), "--seed", "7"]) == 0
    printed = capsys.readouterr().out
    assert "query fails " not in printed.partition("| industry")[0]
    assert re.search(r"^\| general_business \| 3 \| 3 \|", printed, re.MULTILINE)


def test_every_industry_has_laws() -> None:
    assert {law.industry for law in read_laws(LAWS)} == set(blueprint_ids())
