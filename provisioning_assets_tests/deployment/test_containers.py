"""The Dockerfile and the compose file: what can be told without Docker. Their commands run in test_postgresql.py."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning_assets.research.website.settings import CrawlSettings
from provisioning_assets.settings import PROJECT_FOLDER, AlertSettings, Settings
from provisioning_assets_tests.deployment.compose_file import (
    DOCKER,
    compose,
    dockerfile,
    image_environment,
    last_stage,
)

LOCKS = PROJECT_FOLDER / "requirements"
#: The services of our own image.
OWN = ("code", "webserver", "daemon")


def check_schema(name: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Hold files against a schema that check-jsonschema brings."""
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", f"vendor.{name}", *files]
    return subprocess.run(command, capture_output=True, text=True)


def pins(lock: str) -> dict[str, str]:
    """Return package -> version of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+(?:\[[a-z,-]+\])?)==(\S+)", (LOCKS / lock).read_text(encoding="utf-8"), re.M))


def test_the_compose_file_meets_the_compose_specification(tmp_path: Path) -> None:
    checked = check_schema("compose-spec", DOCKER / "compose.yaml")
    assert checked.returncode == 0, checked.stdout
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((DOCKER / "compose.yaml").read_text().replace("depends_on:", "depends_upon:"))
    assert check_schema("compose-spec", wrong).returncode == 1


def test_services_start_after_what_they_need() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy", name
            assert "healthcheck" in services[needed], needed
    named = {volume.partition(":")[0] for service in services.values() for volume in service["volumes"]}
    assert {volume for volume in named if not volume.startswith(".")} == set(compose()["volumes"])
    assert all((DOCKER / volume).exists() for volume in named if volume.startswith("."))


def test_only_this_machine_reaches_the_webserver_and_no_one_else_anything() -> None:
    ports = {name: service.get("ports", []) for name, service in compose()["services"].items()}
    assert ports.pop("webserver") == ["127.0.0.1:3000:3000"]
    assert not any(ports.values())


@pytest.mark.parametrize("name", OWN)
def test_our_containers_have_no_rights_that_they_do_not_need(name: str) -> None:
    service = compose()["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "user", "network_mode", "pid"} & service.keys()


def test_only_the_code_server_gets_keys_and_settings_of_google() -> None:
    database = set(compose()["services"]["webserver"]["environment"])
    assert all(name.startswith("DAGSTER_POSTGRES_") for name in database)
    assert compose()["services"]["daemon"]["environment"].keys() == database
    code = compose()["services"]["code"]["environment"].keys() - database
    own = {name for name in code if name.startswith("PROVISIONING_")}
    known = {f"PROVISIONING_{name.upper()}" for name in (*Settings.model_fields, *AlertSettings.model_fields)}
    known |= {str(field.validation_alias) for field in CrawlSettings.model_fields.values()}
    assert own <= known
    assert "ANTHROPIC_API_KEY" in code


def test_every_variable_of_the_compose_file_is_explained() -> None:
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    explained = (DOCKER / "env.example").read_text(encoding="utf-8")
    documented = (PROJECT_FOLDER / "docs" / "deployment.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"\$\{(\w+)", text)):
        assert name in explained or name in documented, name


def test_everything_that_the_image_copies_exists_and_reaches_the_builder() -> None:
    sent = [line[1:] for line in (PROJECT_FOLDER / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [text.split() for name, text in dockerfile() if name == "COPY" and not text.startswith("--from")]
    assert len(copied) >= 5
    for *sources, _ in copied:
        for source in sources:
            assert (PROJECT_FOLDER / source).exists(), source
            assert any(source == allowed or source.startswith(f"{allowed}/") for allowed in sent), source
    assert all((PROJECT_FOLDER / allowed).exists() for allowed in sent)


def test_the_image_is_not_root_and_names_its_base_exactly() -> None:
    bases = [text.split()[0] for name, text in dockerfile() if name == "FROM"]
    assert set(bases) == {"python:3.12-slim-bookworm"}
    user = [text for name, text in last_stage() if name == "USER"]
    assert len(user) == 1
    assert int(user[0].split(":")[0]) >= 1000
    after = [name for name, _ in last_stage()[[name for name, _ in last_stage()].index("USER") :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)
    assert "latest" not in {service["image"].rpartition(":")[2] for service in compose()["services"].values()}


def test_no_layer_has_a_secret() -> None:
    assert not [text for name, text in dockerfile() if name == "ARG"]
    names = image_environment().keys()
    assert not [name for name in names if re.search(r"KEY|PASSWORD|SECRET|TOKEN|CREDENTIAL", name)]


def test_the_image_installs_what_is_pinned_and_tested_and_nothing_unpinned() -> None:
    installs = [
        part for name, text in dockerfile() if name == "RUN" for part in text.split("&&") if "pip install" in part
    ]
    assert installs
    assert all("--no-deps" in install for install in installs)
    (packages, project) = installs
    assert "--require-hashes -r requirements/image.lock" in packages
    assert "--no-build-isolation -e ." in project
    image, tested = pins("image.lock"), pins("dev.lock")
    assert image.items() >= pins("runtime.lock").items()
    assert image.items() >= pins("postgres.lock").items()
    assert tested.items() >= image.items()
    assert {"dagster-postgres", "dagster-k8s", "psycopg2-binary"} <= image.keys()


def test_the_image_and_the_services_run_the_same_code_server() -> None:
    (command,) = [text for name, text in last_stage() if name == "CMD"]
    assert re.findall(r'"([^"]+)"', command) == compose()["services"]["code"]["command"]


def test_the_instance_in_the_image_is_the_one_that_the_tests_start() -> None:
    made = [text for name, text in last_stage() if name == "RUN" and "dagster.yaml" in text]
    assert len(made) == 1
    assert 'cat dagster.yaml /tmp/postgresql_storage.yaml > "$DAGSTER_HOME/dagster.yaml"' in made[0]
    volumes = [volume.split(":")[1] for name in OWN for volume in compose()["services"][name]["volumes"]]
    environment = image_environment()
    prepared = {f"{environment['DAGSTER_HOME']}/storage", environment["PROVISIONING_STORE"]}
    assert {volume for volume in volumes if not volume.endswith(".yaml")} == prepared
    assert environment["PROVISIONING_CHROMIUM"] == "/usr/bin/chromium"


def test_the_crawler_takes_the_settings_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in image_environment().items():
        if name.startswith("PROVISIONING_"):
            monkeypatch.setenv(name, value)
    settings = CrawlSettings()
    assert settings.chromium_sandbox is False
    assert settings.chromium == "/usr/bin/chromium"
    assert Settings().store_root == "/var/lib/provisioning/demos"
