"""Checks of this machine, which both targets need: browser, store, disk, keys and settings."""

import difflib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from provisioning_assets.doctor.alerts_and_logs import alerts_check, spans_check
from provisioning_assets.doctor.dagster_records import records_check
from provisioning_assets.doctor.models import Check, Finding, State
from provisioning_assets.doctor.running import first_line
from provisioning_assets.errors import ProvisioningError

LARGE_DEMO_BYTES = 16_500_000_000
"""Free bytes that a demo of the size ``large`` takes while it is made: what ``synthesis.validation`` asks for, for the largest of
the blueprints (hospitality: 16.2 GB, an estimate well above what it takes). A test compares the two."""
SMALL_DEMO_BYTES = LARGE_DEMO_BYTES // 100
"""The same for ``small``, which has a hundredth of the rows of ``large`` (``planning.data_model_design.FACT_ROWS``)."""
BROWSER_SECONDS = 25.0
"""For starting Chromium (at most 20 s, as when a website is read) and showing one page."""
_PREFIX = "PROVISIONING_"
_READ_ELSEWHERE = (
    "PROVISIONING_BUDGET_USD",  # by the checks of Google Cloud
    "PROVISIONING_IMAGE_TAG",  # by the compose file
    "PROVISIONING_SWEEP_SEEDS",  # by the tests (make test-slow)
    "PROVISIONING_SWEEP_SIZES",
    "PROVISIONING_SWEEP_EVERY",
    "PROVISIONING_SWEEP_QUEUE",
)

_BROWSER, _STORE, _SPACE, _CLAUDE, _SETTINGS = "Chromium", "Store", "Free disk space", "Claude", "Settings"
_WHY_BROWSER = "A page that is empty without JavaScript cannot be read without it."
_WHY_STORE = "Every stage keeps its result there."
_WHY_SPACE = (
    f"Tables are made beside the earlier ones: a large demo takes {LARGE_DEMO_BYTES / 1e9:.1f} GB while it is made, a small "
    f"one {SMALL_DEMO_BYTES / 1e6:.0f} MB."
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
        records_check(),
        Check(_BROWSER, _WHY_BROWSER, lambda: [browser_finding()]),
        Check(_CLAUDE, _WHY_CLAUDE, lambda: [claude_finding(os.environ)]),
        alerts_check(),
        spans_check(),
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
    except ProvisioningError as error:
        return Finding(_STORE, State.MISSING, error.problem, _WHY_STORE, error.remedy)
    except Exception as error:  # noqa: BLE001  # each kind of store has errors of its own
        return _unusable_store(root, f"cannot be written, read and deleted: {first_line(error)}")
    if not same:
        return _unusable_store(root, "returns something else than was written")
    later = "" if str(place) == str(base) else f", which the first run makes in {place}"
    return Finding(_STORE, State.OK, f"{root}{later}: written, read and deleted", _WHY_STORE)


def _unusable_store(root: str, problem: str) -> Finding:
    return Finding(_STORE, State.MISSING, f"{root} {problem}", _WHY_STORE, _store_remedy(root))


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


# --- keys and settings --------------------------------------------------------------------------------------------


def claude_finding(environment: Mapping[str, str]) -> Finding:
    """Return whether there is a key for Claude, and whether its model has a price. Nothing of the key is shown.

    Args:
        environment: variable -> value.
    """
    from provisioning_assets.claude.costs import dollars
    from provisioning_assets.settings import Settings

    if not environment.get("ANTHROPIC_API_KEY", "").strip():
        found = "ANTHROPIC_API_KEY is not set; industry blueprints are used"
        return Finding(_CLAUDE, State.OK, found, _WHY_CLAUDE)
    model = environment.get("PROVISIONING_CLAUDE_MODEL") or Settings.model_fields["claude_model"].default
    if dollars(model, input=1, output=1, cache_write=1, cache_read=1) is None:
        found = f"ANTHROPIC_API_KEY is set; {model}: price unknown, so tokens are counted, and the budget does not hold"
        remedy = "export PROVISIONING_CLAUDE_MODEL=claude-sonnet-5-5   # or add its prices to provisioning_assets/prices.yaml"
        return Finding(_CLAUDE, State.WARNING, found, _WHY_CLAUDE, remedy)
    return Finding(_CLAUDE, State.OK, f"ANTHROPIC_API_KEY is set; {model} writes demos", _WHY_CLAUDE)


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
    from provisioning_assets.settings import AlertSettings, Settings

    declared = (
        str(field.validation_alias or f"{kind.model_config.get('env_prefix', '')}{name}").upper()
        for kind in (Settings, AlertSettings, CrawlSettings)
        for name, field in kind.model_fields.items()
    )
    return frozenset((*declared, *_READ_ELSEWHERE))


def unknown_settings(environment: Iterable[str], known: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return the ``PROVISIONING_*`` variables that nothing reads, each with the known name that is most like it, or None.

    Args:
        environment: names of variables that are set.
        known: names of variables that are read, in upper case.
    """
    # The prefix is left out, because it would make all names alike.
    ends = sorted(name.removeprefix(_PREFIX) for name in known)
    # pydantic reads names in any case.
    given = {name: name.upper().removeprefix(_PREFIX) for name in environment if name.upper().startswith(_PREFIX)}
    unknown = sorted((name, end) for name, end in given.items() if end not in ends)
    likely = {name: next(iter(difflib.get_close_matches(end, ends, n=1)), None) for name, end in unknown}
    return [(name, None if end is None else f"{_PREFIX}{end}") for name, end in likely.items()]


def _unknown_setting(name: str, likely: str | None) -> Finding:
    remedy = f"unset {name}" if likely is None else f"unset {name}   # and set {likely}, if that was meant"
    return Finding(_SETTINGS, State.WARNING, f"{name} is set, but nothing reads it", _WHY_SETTINGS, remedy)


def _refused_settings() -> list[Finding]:
    from pydantic import ValidationError

    from provisioning_assets.research.website.settings import CrawlSettings
    from provisioning_assets.settings import REMEDIES, Settings, read_settings

    findings = []
    for kind in (Settings, CrawlSettings):
        try:
            kind()
        except ValidationError as error:
            for problem in error.errors():
                field = str(problem["loc"][0]) if problem["loc"] else ""
                variable = field if field.isupper() else f"{kind.model_config.get('env_prefix', '')}{field.upper()}"
                # Without the value: an address may contain a password.
                found = f"{variable} is not accepted: {problem['msg']}"
                remedy = REMEDIES.get(field, f"unset {variable}")
                findings.append(Finding(_SETTINGS, State.MISSING, found, _WHY_SETTINGS, remedy))
    if not findings:
        try:
            read_settings()
        except ProvisioningError as error:  # settings that do not go together
            findings.append(Finding(_SETTINGS, State.MISSING, error.problem, _WHY_SETTINGS, error.remedy))
    return findings


def _set_settings(environment: Iterable[str]) -> str:
    names = sorted(name for name in environment if name.upper().startswith(_PREFIX))
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    return f"{python}; {', '.join(names)} set" if names else f"{python}; every PROVISIONING_ variable has its default"
