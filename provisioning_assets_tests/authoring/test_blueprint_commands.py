"""``provision blueprint``, as the author of a blueprint types it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from provisioning_assets.authoring.blueprint_check import check_blueprint
from provisioning_assets.authoring.commands import blueprint_file
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.planning.blueprint_files import read_blueprint
from provisioning_assets_tests.command_line import AS_OF, Workplace

FORMAT_PAGE = Path(__file__).parents[2] / "docs" / "blueprint-format.md"
Process = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return Workplace(tmp_path_factory.mktemp("author"))


@pytest.fixture(scope="module")
def new_file(place: Workplace) -> Path:
    """A new blueprint, as ``new`` writes it."""
    path = place.folder / "hairdresser.yaml"
    process = place.provision("blueprint", "new", "hairdresser", "--output", str(path))
    assert process.returncode == 0, process.stderr
    assert f"Written: {path}" in process.stdout
    assert f"provision blueprint check {path}" in process.stdout
    return path


def edited(new_file: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the new blueprint with some texts replaced; each must occur in it once."""
    text = new_file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / new_file.name
    path.write_text(text, encoding="utf-8")
    return path


def words(process: Process) -> str:
    """What was printed, without line breaks."""
    return " ".join((process.stdout + process.stderr).split())


# --- new -------------------------------------------------------------------------------------------------------------


def test_a_new_blueprint_is_in_the_authors_name(new_file: Path) -> None:
    text = new_file.read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    assert (document["id"], document["name"]) == ("hairdresser", "Hairdresser")
    assert "check hairdresser.yaml" in text
    assert "<id>" not in text
    assert "<name>" not in text


def test_every_section_of_a_new_blueprint_is_explained(new_file: Path) -> None:
    lines = new_file.read_text(encoding="utf-8").splitlines()
    headings = [line for line in lines if line.startswith("# --- ")]
    assert len(headings) >= 8
    comments = [line for line in lines if "#" in line]
    assert len(comments) > 40


def test_a_folder_takes_the_file_under_its_own_name(place: Workplace, tmp_path: Path) -> None:
    process = place.provision("blueprint", "new", "bike_rental", "--output", str(tmp_path))
    assert process.returncode == 0, process.stderr
    assert yaml.safe_load((tmp_path / "bike_rental.yaml").read_text())["name"] == "Bike rental"


@pytest.mark.parametrize("industry", ["Bike Rental", "bike-rental", "../etc", "1st", "", "true", "null", "a" * 64])
def test_what_is_not_an_id_is_refused(place: Workplace, industry: str, tmp_path: Path) -> None:
    process = place.provision("blueprint", "new", "--output", str(tmp_path), "--", industry)
    assert process.returncode == 2
    assert "is not an industry's id" in process.stderr
    assert "such as bike_rental" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_left_as_it_is(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "hairdresser.yaml"
    path.write_text("mine")
    process = place.provision("blueprint", "new", "hairdresser", "--output", str(path))
    assert process.returncode == 2
    assert "exists, and is left as it is" in process.stderr
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["saas"], "There is a blueprint 'saas' already."),
        (["gym", "--output", "sports.yaml"], "sports.yaml is not the name of a blueprint 'gym'"),
        (["gym", "--output", "/nowhere/gym.yaml"], "/nowhere/gym.yaml cannot be written"),
    ],
)
def test_what_cannot_be_written_is_refused(place: Workplace, arguments: list[str], message: str) -> None:
    process = place.provision("blueprint", "new", *arguments)
    assert process.returncode == 2
    assert message in words(process)
    assert "Traceback" not in process.stderr


# --- schema ----------------------------------------------------------------------------------------------------------


def test_the_schema_is_printed_or_written(place: Workplace, new_file: Path, tmp_path: Path) -> None:
    printed = json.loads(place.provision("blueprint", "schema").stdout)
    path = tmp_path / "blueprint.schema.json"
    process = place.provision("blueprint", "schema", "--output", str(path))
    assert (process.returncode, process.stdout) == (0, "")
    assert json.loads(path.read_text(encoding="utf-8")) == printed
    document = yaml.safe_load(new_file.read_text(encoding="utf-8"))
    stars = document["tables"]["reviews"]["columns"]["stars"]["category"]
    document["tables"]["reviews"]["columns"]["stars"]["category"] = {str(key): weight for key, weight in stars.items()}
    assert [error.message for error in Draft202012Validator(printed).iter_errors(document)] == []


def test_a_schema_that_cannot_be_written_is_refused(place: Workplace) -> None:
    process = place.provision("blueprint", "schema", "--output", "/nowhere/schema.json")
    assert process.returncode == 2
    assert "cannot be written" in process.stderr


# --- check: what passes ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def passed(place: Workplace, new_file: Path) -> dict[str, Any]:
    """The check of a new blueprint over two seeds."""
    before = sorted(place.folder.rglob("*"))
    process = place.provision("blueprint", "check", str(new_file), "--seeds", "2", *AS_OF, "--json")
    found = json.loads(process.stdout)
    assert found["problems"] == []
    assert process.returncode == 0
    assert sorted(place.folder.rglob("*")) == before
    return found


def test_a_new_blueprint_passes_the_check(passed: dict[str, Any]) -> None:
    assert passed["passed"] is True
    assert [seed["seed"] for seed in passed["seeds"]] == [1, 2]
    for seed in passed["seeds"]:
        assert len(seed["coherence"]) > 10
        assert len(seed["realism"]) > 10
        assert [law["violations"] for law in seed["laws"]] == [0, 0]
        assert len(seed["relations"]) == 2
        for relation in seed["relations"]:
            assert relation["lowest"] <= relation["figure"] <= relation["highest"]
    assert len(passed["questions"]) == 12
    assert all(question["row_count"] and question["first_row"] for question in passed["questions"])
    assert all(len(table["first_rows"]) == 3 for table in passed["tables"]["tables"])


def test_the_example_of_the_documentation_passes_the_check(place: Workplace, tmp_path: Path) -> None:
    example = tmp_path / "bike_rental.yaml"
    page = FORMAT_PAGE.read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(id: .*?)```", page, re.DOTALL)
    example.write_text(text, encoding="utf-8")
    process = place.provision("blueprint", "check", str(example), "--seeds", "1", *AS_OF, "--json")
    assert json.loads(process.stdout)["problems"] == []
    assert process.returncode == 0


def test_an_insight_is_measured_with_its_effects_and_without_them(passed: dict[str, Any]) -> None:
    assert len(passed["insights"]) == 4
    for insight in passed["insights"]:
        spread, strength = insight["spread"], insight["strength"]
        figures = [seed["figure"] for seed in spread["seeds"]]
        assert spread["mean"] == pytest.approx(sum(figures) / 2)
        assert spread["share_within_tolerance"] == 1.0
        assert abs(spread["mean"] - spread["mean_without_effects"]) > spread["tolerance"]
        assert strength["figure"] == pytest.approx(figures[0])
        assert abs(strength["z"]) > 5


def test_the_agent_is_asked_every_question_and_paraphrase(passed: dict[str, Any]) -> None:
    asked = passed["agent"]["asked"]
    assert sum(each["kind"] == "scripted" for each in asked) == 12
    assert sum(each["kind"] == "wording" for each in asked) == 12
    assert sum(each["kind"] == "paraphrase" for each in asked) == 12
    scripted = [each for each in asked if each["kind"] == "scripted"]
    assert all(each["matched_query"] for each in scripted)
    assert all(each["sql"] and each["row_count"] for each in scripted)


# --- check: what does not --------------------------------------------------------------------------------------------


def test_everything_that_fails_is_printed_with_what_to_do(place: Workplace, new_file: Path, tmp_path: Path) -> None:
    path = edited(
        new_file,
        tmp_path,
        (
            "operation: set, factor: 0.2, where: booked_by = 'Website'",
            "operation: set, factor: 0.09, where: booked_by = 'Website'",
        ),
        ("WHERE a.outcome <> 'Attended'\n", "WHERE a.outcome = 'Attended'\n"),
        ("weekdays: [1, 1.1, 1, 1.2, 1.3, 0.6, 0]", "weekdays: [1, 1.1, 1, 1.2, 1.3, 1, 1]"),
        ("WHERE {last 8 quarters of DATE(paid_at)}", "WHERE {9000 to 8000 days ago of DATE(paid_at)}"),
        ("      SELECT b.branch_name, COUNT(*) AS appointments", "      SELECT b.branch_name, 7 AS appointments"),
    )
    process = place.provision("blueprint", "check", str(path), "--seeds", "1", "--no-ask", *AS_OF)
    assert process.returncode == 1
    assert process.stderr == ""
    sections = ["Tables", "Rules", "Realism", "Questions", "Insights", "Agent", "Verdict"]
    lines = process.stdout.splitlines()
    assert [line for line in lines if line in sections] == sections
    verdict = " ".join(process.stdout.partition("\nVerdict\n")[2].split())
    assert (
        "✗ rules: who_did_not_come_pays_nothing: Nobody pays for an appointment that was cancelled or missed: "
        in verdict
    )
    assert "rows break it. Change the tables, or the rule if it is wrong." in verdict
    assert "✗ realism: appointments.starts_at: " in verdict
    assert "`realism: {weekday_ratio: [lowest, highest], because: ...}`" in verdict
    assert "✗ questions: takings_by_quarter: its query returns no rows." in verdict
    assert "2 of 12 results are not worth showing" not in verdict
    assert "✗ insights: website_cancellations: cancellations_by_channel shows " in verdict
    assert "where 20 ± 6 percent is expected. Change `expected` and `tolerance`, or the effect." in verdict
    assert "DOES NOT PASS" in verdict
    printed = " ".join(process.stdout.split())
    assert "every value of appointments is the same" in printed
    assert "The agent was not asked (--no-ask)." in printed


def test_tables_that_cannot_be_generated_are_a_problem_of_the_blueprint(
    new_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object) -> None:
        raise ProvisioningError("There is no room for the tables.", "Free space.")

    monkeypatch.setattr("provisioning_assets.synthesis.engine.synthesise", refuse)
    done: list[str] = []
    found = check_blueprint(
        read_blueprint(new_file),
        new_file.name,
        size="small",
        seeds=[1],
        country="US",
        as_of=AS_OF[1],
        ask=False,
        progress=done.append,
    )
    assert [(problem.section, problem.words) for problem in found.problems] == [
        ("tables", "There is no room for the tables. Free space.")
    ]
    assert not found.passed
    assert done == ["Designing the tables", "Generating the tables of seed 1"]


@pytest.mark.parametrize(
    ("old", "new", "line_of", "message"),
    [
        ("history_days: 800", "history_day: 800", "history_day: 800", "'history_day' is not a field here."),
        ("ROUND(AVG(r.stars), 2) AS avg_stars", "ROUND(AVG(r.star), 2) AS avg_stars", "stars_by_service:", "star"),
        (
            "SAFE_DIVIDE(COUNTIF(outcome = 'Cancelled'), COUNT(*))",
            "COUNTIF(outcome = 'Cancelled') / COUNT(*)",
            "cancellations_by_channel:",
            "use SAFE_DIVIDE(a, b)",
        ),
        (
            "read: {column: avg_stars,",
            "read: {column: mean_stars,",
            "read: {column: mean_stars",
            "no column 'mean_stars'",
        ),
        ("id: hairdresser  ", "id: barber  ", "id: barber", "'barber' must be the file's name, 'hairdresser'"),
        ("\nslots:\n", "\nslots: [\n", None, "not YAML"),
    ],
    ids=["field", "column in SQL", "division in SQL", "insight's cell", "id", "not YAML"],
)
def test_faults_of_the_file_come_first_with_line_and_remedy(
    place: Workplace, new_file: Path, tmp_path: Path, old: str, new: str, line_of: str | None, message: str
) -> None:
    path = edited(new_file, tmp_path, (old, new))
    process = place.provision("blueprint", "check", str(path))
    assert process.returncode == 1
    assert message in words(process)
    assert "DOES NOT PASS: 1 problem." in process.stdout
    assert "Tables" not in process.stdout.splitlines()
    (fault,) = json.loads(place.provision("blueprint", "check", str(path), "--json").stdout)["faults"]
    assert fault["file"] == "hairdresser.yaml"
    if line_of is not None:
        lines = path.read_text(encoding="utf-8").splitlines()
        first = next(number for number, line in enumerate(lines, start=1) if line_of in line)
        assert first <= fault["line"] <= first + 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/nowhere/hairdresser.yaml"], "cannot be read"),
        (["hairdresser.yaml"], "cannot be read"),
        (["retail_ecomerce"], "Did you mean 'retail_ecommerce'?"),
        (["saas", "--size", "huge"], "small, medium, large, xlarge"),
        (["saas", "--country", "XX"], "not a known country"),
        (["saas", "--as-of", "tomorrow"], "as-of date"),
        (["saas", "--seeds", "0"], "--seeds"),
    ],
)
def test_what_cannot_be_checked_is_refused(place: Workplace, arguments: list[str], message: str) -> None:
    process = place.provision("blueprint", "check", *arguments)
    assert process.returncode == 2
    assert message in words(process)
    assert "Traceback" not in process.stderr
    assert process.stdout == ""


def test_the_bare_name_of_a_file_in_the_current_folder_is_answered_with_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProvisioningError, match=r"Accepted: .*airline.*banking"):
        blueprint_file("bike_rental")
    Path("bike_rental.yaml").touch()
    with pytest.raises(ProvisioningError) as refused:
        blueprint_file("bike_rental")
    assert refused.value.problem == "There is no blueprint 'bike_rental'."
    assert refused.value.remedy == (
        "Did you mean ./bike_rental.yaml? A file outside of the package is named by its path, with .yaml."
    )
    assert blueprint_file("./bike_rental.yaml") == Path("bike_rental.yaml")
    Path("saas.yaml").touch()
    assert blueprint_file("saas").parent.name == "blueprints"


def test_help_names_the_commands_and_what_the_status_means(place: Workplace) -> None:
    assert place.provision("blueprint").returncode == 2
    listed = words(place.provision("blueprint", "--help"))
    for command in ("new", "check", "schema"):
        assert f" {command} " in listed
    assert "Exit status 0: everything passes." in words(place.provision("blueprint", "check", "-h"))
