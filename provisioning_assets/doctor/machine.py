"""Checks of this machine, which both targets need: browser, store, disk, Dagster's records, keys and settings."""

import difflib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.doctor.running import first_line
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from dagster import DagsterInstance

LARGE_DEMO_BYTES = 1_000_000_000
"""Free bytes that a demo of the size ``large`` takes while it is made: what ``synthesis.validation`` asks for, for the largest of
the blueprints (saas: 971 MB). A test compares the two."""
SMALL_DEMO_BYTES = LARGE_DEMO_BYTES // 100
"""The same for ``small``, which has a hundredth of the rows of ``large`` (``planning.data_model_design.FACT_ROWS``)."""
BROWSER_SECONDS = 25.0
"""For starting Chromium (at most 20 s, as when a website is read) and showing one page."""
PARTITION_TAG = "dagster/partition"

_BROWSER, _STORE, _SPACE, _RECORDS = "Chromium", "Store", "Free disk space", "Dagster's records"
_LIMITS, _CLAUDE, _SETTINGS = "Dagster's limits", "Claude", "Settings"
_WHY_BROWSER = "A page that is empty without JavaScript cannot be read without it."
_WHY_STORE = "Every stage keeps its result there."
_WHY_SPACE = (
    f"Tables are made beside the earlier ones: a large demo takes {LARGE_DEMO_BYTES / 1e9:.1f} GB while it is made, a small "
    f"one {SMALL_DEMO_BYTES / 1e6:.0f} MB."
)
_WHY_RECORDS = "Dagster keeps its runs, customers and checks there."
_WHY_LIMITS = (
    "Without them one customer can be provisioned twice at a time, and a run whose process died stays unfinished."
)
_WHY_CLAUDE = "A key would let Claude plan a demo. No call is made here."
_WHY_SETTINGS = (
    "A variable with a misspelt name, or with a value that is not accepted, does not do what it was set for."
)

_SCRIPT_PAGE = (
    b"<!doctype html><title>doctor</title><body><script>document.body.textContent = 'made ' + 'by a script'</script>"
)
_PAGE_ADDRESS = "https://doctor.example/"


def machine_checks(store_root: str) -> list[Check]:
    """Return the checks of this machine.

    Args:
        store_root: a folder, or an address such as ``gs://bucket/prefix``, which is no part of this machine and not checked.
    """
    checks = [Check(_SETTINGS, _WHY_SETTINGS, lambda: settings_findings(os.environ))]
    if "://" not in store_root:
        checks.append(store_check(store_root))
        checks.append(Check(_SPACE, _WHY_SPACE, lambda: [space_finding(Path(store_root))]))
    return [
        *checks,
        Check(_RECORDS, _WHY_RECORDS, dagster_findings),
        Check(_BROWSER, _WHY_BROWSER, lambda: [browser_finding()]),
        Check(_CLAUDE, _WHY_CLAUDE, lambda: [claude_finding(os.environ)]),
    ]


def store_check(root: str) -> Check:
    """Return the check of a store: a folder, or an address such as ``gs://bucket/prefix``."""
    return Check(_STORE, _WHY_STORE, lambda: [store_finding(root)])


# --- Chromium -----------------------------------------------------------------------------------------------------


def browser_finding() -> Finding:
    """Return whether Chromium shows a page that a script writes, as when a website is read. It connects to nothing."""
    from httpx import Headers

    from provisioning_assets.research.website.browser import BrowserUnavailableError, find_chromium, render_pages
    from provisioning_assets.research.website.fetching import Fetched
    from provisioning_assets.research.website.settings import CrawlSettings

    def answer(url: str, _headers: dict[str, str], _deadline: float) -> Fetched:
        return Fetched(url, 200, Headers({"content-type": "text/html"}), _SCRIPT_PAGE)

    settings = CrawlSettings()
    try:
        binary = find_chromium(settings)
        deadline = time.monotonic() + BROWSER_SECONDS
        page = render_pages([_PAGE_ADDRESS], answer, settings, deadline=deadline)[0]
    except BrowserUnavailableError as error:
        return Finding(_BROWSER, State.WARNING, str(error), _WHY_BROWSER, _browser_remedy(settings.chromium))
    if "made by a script" in page.html:
        return Finding(_BROWSER, State.OK, f"{binary} starts and runs scripts", _WHY_BROWSER)
    problem = page.problem or "it ran no script"
    return Finding(_BROWSER, State.WARNING, f"{binary}: {problem}", _WHY_BROWSER, _browser_remedy(settings.chromium))


def _browser_remedy(chosen: str | None) -> str:
    return "unset PROVISIONING_CHROMIUM; make browser" if chosen else "make browser"


# --- the store ----------------------------------------------------------------------------------------------------


def store_finding(root: str) -> Finding:
    """Return whether a small object can be written, read and deleted in the store.

    A folder that does not exist yet is not made: the object is then written into the folder in which a run would make it.

    Args:
        root: a folder, or an address such as ``gs://bucket/prefix``.
    """
    from provisioning_assets.store import DemoStore

    base = DemoStore(root=root).base()
    place = base if "://" in root else type(base)(_nearest_folder(Path(root)))
    # A name that begins with a dot is no customer's key.
    probe, content = place / f".doctor-{uuid.uuid4().hex}", uuid.uuid4().bytes
    try:
        probe.write_bytes(content)
        same = probe.read_bytes() == content
        probe.unlink()
    except Exception as error:  # noqa: BLE001  # each kind of store has errors of its own
        return Finding(
            _STORE,
            State.MISSING,
            f"{root} cannot be written and read: {first_line(error)}",
            _WHY_STORE,
            _store_remedy(root),
        )
    if not same:
        return Finding(
            _STORE, State.MISSING, f"{root} returns something else than was written", _WHY_STORE, _store_remedy(root)
        )
    later = "" if str(place) == str(base) else f", which the first run makes in {place}"
    return Finding(_STORE, State.OK, f"{root}{later}: written, read and deleted", _WHY_STORE)


def _store_remedy(root: str) -> str:
    if "://" in root:
        return f"gcloud storage ls {root}   # shows what is refused; PROVISIONING_STORE names another store"
    return "export PROVISIONING_STORE=FOLDER   # a folder that you may write to"


def space_finding(folder: Path) -> Finding:
    """Return whether the disk of the store has room for demos."""
    place = _nearest_folder(folder)
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.2f} GB are free in {place}"
    if free >= LARGE_DEMO_BYTES:
        return Finding(_SPACE, State.OK, found, _WHY_SPACE)
    state = State.WARNING if free >= SMALL_DEMO_BYTES else State.MISSING
    remedy = "Free some space: provision list; provision teardown KEY. Or set PROVISIONING_STORE to a folder of another disk."
    return Finding(_SPACE, state, found, _WHY_SPACE, remedy)


def _nearest_folder(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


# --- Dagster ------------------------------------------------------------------------------------------------------


def dagster_findings() -> list[Finding]:
    """Return whether Dagster's records answer, and whether they have the project's limits.

    The project's own folder is made if it is missing, as each run does.
    """
    from provisioning_assets.lifecycle.provisioning import dagster_instance

    try:
        with dagster_instance() as (instance, home):
            count = instance.get_runs_count()
            kind = type(instance.run_storage).__name__.removesuffix("RunStorage")
            limits = lacking_limits(instance)
    except ProvisioningError as error:
        return [Finding(_RECORDS, State.MISSING, error.problem, _WHY_RECORDS, error.remedy)]
    except Exception as error:  # noqa: BLE001  # databases and Dagster's configuration have many errors
        return [_unusable_records(error)]
    found = f"{home} ({kind}) answers: {count} run{'' if count == 1 else 's'}"
    return [Finding(_RECORDS, State.OK, found, _WHY_RECORDS), limits_finding(limits, home)]


def _unusable_records(error: Exception) -> Finding:
    home = os.environ.get("DAGSTER_HOME", "")
    # An error of Dagster's configuration quotes dagster.yaml, which may hold a password: only its name is shown.
    said = type(error).__name__ if type(error).__name__.startswith("DagsterInvalidConfig") else first_line(error)
    if isinstance(error, ModuleNotFoundError):
        remedy = f"Install the package that {home}/dagster.yaml names, or unset DAGSTER_HOME to use the project's own records."
    else:
        remedy = f"Start the database that {home}/dagster.yaml names, or mend that file, or unset DAGSTER_HOME."
    return Finding(_RECORDS, State.MISSING, f"{home} cannot be used: {said}", _WHY_RECORDS, remedy)


def lacking_limits(instance: "DagsterInstance") -> list[str]:
    """Return the sections of the project's ``dagster.yaml`` that the instance lacks: of those that keep runs apart."""
    import yaml

    ours: dict[str, Any] = yaml.safe_load((PROJECT_FOLDER / "dagster.yaml").read_text(encoding="utf-8"))
    concurrency = instance.get_concurrency_config()
    queue = concurrency.run_queue_config
    lacking = []
    if queue is None or not _one_run_a_customer(queue.tag_concurrency_limits or []):
        lacking.append("concurrency.runs.tag_concurrency_limits")
    if ours["concurrency"].get("pools") and concurrency.pool_config.default_pool_limit is None:
        lacking.append("concurrency.pools")
    if not instance.run_monitoring_enabled:
        lacking.append("run_monitoring")
    return lacking


def _one_run_a_customer(limits: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        limit.get("key") == PARTITION_TAG
        and limit.get("limit") == 1
        and isinstance(limit.get("value"), Mapping)
        and limit["value"].get("applyLimitPerUniqueValue") is True
        for limit in limits
    )


def limits_finding(lacking: Sequence[str], home: Path) -> Finding:
    """Return the finding about the limits.

    Args:
        lacking: as ``lacking_limits`` returns it.
        home: the instance's folder.
    """
    if not lacking:
        return Finding(_LIMITS, State.OK, "one run per customer at a time; dead runs are found", _WHY_LIMITS)
    sections = " and ".join(lacking)
    return Finding(
        _LIMITS,
        State.WARNING,
        f"{home / 'dagster.yaml'} lacks {sections}",
        _WHY_LIMITS,
        f"Copy {sections} from {PROJECT_FOLDER / 'dagster.yaml'} into {home / 'dagster.yaml'}.",
    )


# --- keys and settings --------------------------------------------------------------------------------------------


def claude_finding(environment: Mapping[str, str]) -> Finding:
    """Return whether there is a key for Claude. Nothing of the key is shown.

    Args:
        environment: variable -> value.
    """
    if environment.get("ANTHROPIC_API_KEY", "").strip():
        found = "ANTHROPIC_API_KEY is set; this version does not plan with Claude yet, industry blueprints are used"
    else:
        found = "ANTHROPIC_API_KEY is not set; industry blueprints are used"
    return Finding(_CLAUDE, State.OK, found, _WHY_CLAUDE)


def settings_findings(environment: Mapping[str, str]) -> list[Finding]:
    """Return the settings whose value is not accepted, and those that nothing reads. Values are checked as this process has them.

    Args:
        environment: variable -> value.
    """
    unknown = unknown_settings(environment, known_settings())
    findings = [*_refused_settings(), *(_unknown_setting(name, likely) for name, likely in unknown)]
    return findings or [Finding(_SETTINGS, State.OK, _set_settings(environment), _WHY_SETTINGS)]


def known_settings() -> frozenset[str]:
    """Return the names of all ``PROVISIONING_*`` variables."""
    from provisioning_assets.research.website.settings import CrawlSettings
    from provisioning_assets.settings import Settings

    declared = (
        str(field.validation_alias or f"{kind.model_config.get('env_prefix', '')}{name}").upper()
        for kind in (Settings, CrawlSettings)
        for name, field in kind.model_fields.items()
    )
    # Read by provision doctor, and by the tests (make test-slow).
    others = ("PROVISIONING_BUDGET_USD", "PROVISIONING_SWEEP_SEEDS", "PROVISIONING_SWEEP_SIZES")
    return frozenset((*declared, *others))


def unknown_settings(environment: Iterable[str], known: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return the ``PROVISIONING_*`` variables that nothing reads, each with the known name that is most like it, or None.

    Args:
        environment: names of variables that are set.
        known: names of variables that are read, in upper case.
    """
    names = sorted(known)
    # pydantic reads names in any case
    unknown = sorted(
        name for name in environment if name.upper().startswith("PROVISIONING_") and name.upper() not in names
    )
    return [(name, next(iter(difflib.get_close_matches(name.upper(), names, n=1)), None)) for name in unknown]


def _unknown_setting(name: str, likely: str | None) -> Finding:
    remedy = f"unset {name}" if likely is None else f"unset {name}   # and set {likely}, if that was meant"
    return Finding(_SETTINGS, State.WARNING, f"{name} is set, but nothing reads it", _WHY_SETTINGS, remedy)


def _refused_settings() -> list[Finding]:
    from pydantic import ValidationError

    from provisioning_assets.research.website.settings import CrawlSettings
    from provisioning_assets.settings import read_settings

    findings = []
    try:
        read_settings()
    except ProvisioningError as error:
        findings.append(Finding(_SETTINGS, State.MISSING, error.problem, _WHY_SETTINGS, error.remedy))
    try:
        CrawlSettings()
    except ValidationError as error:
        for problem in error.errors():
            name = str(problem["loc"][0])
            variable = name if name.isupper() else f"PROVISIONING_CRAWL_{name.upper()}"
            found = f"{variable} is not accepted: {problem['msg']}"
            findings.append(Finding(_SETTINGS, State.MISSING, found, _WHY_SETTINGS, f"unset {variable}"))
    return findings


def _set_settings(environment: Iterable[str]) -> str:
    names = sorted(name for name in environment if name.upper().startswith("PROVISIONING_"))
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    return f"{python}; {', '.join(names)} set" if names else f"{python}; every PROVISIONING_ variable has its default"
