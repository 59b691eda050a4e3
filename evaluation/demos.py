"""The demos that the evaluations look at: invented companies with saved pages, all with one seed, one size and one day."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from provisioning_assets.settings import PROJECT_FOLDER

AS_OF = "2026-11-28"
"""Day of the demos: figures must not depend on the day of the evaluation."""

_SITES = PROJECT_FOLDER / "evaluation" / "agent" / "sites"


@dataclass(frozen=True)
class Demo:
    """A demo that is evaluated: its name, the site's address, its saved pages, and the key of its folder."""

    name: str
    address: str
    pages: Path
    key: str


def _of_site(name: str, host: str, folder: str, key: str) -> Demo:
    return Demo(name, f"https://{host}", PROJECT_FOLDER / "evaluation" / "research" / "seen" / folder, key)


DEMOS = (
    Demo(
        "retail",
        "https://www.harbourandpine.example",
        PROJECT_FOLDER / "examples" / "harbour_and_pine",
        "harbourandpine_example",
    ),
    Demo("saas", "https://www.tallybridge.example", _SITES / "saas", "tallybridge_example"),
    Demo("logistics", "https://www.merrowfreight.example", _SITES / "logistics", "merrowfreight_example"),
    Demo("fitness", "https://www.ironleaf.example", _SITES / "fitness", "ironleaf_example"),
    Demo("banking", "https://www.larkmoor.example", _SITES / "banking", "larkmoor_example"),
    Demo("telecom", "https://www.brindlecom.example", _SITES / "telecom", "brindlecom_example"),
    # demos of the sites that the research is measured on: several markets, so other words and currencies
    _of_site("vallimbre", "www.vallimbre.example", "vallimbre", "vallimbre_example"),
    _of_site("tamfork", "www.tamfork.example", "tamfork", "tamfork_example"),
    _of_site("tallyhook", "www.tallyhook.example", "tallyhook", "tallyhook_example"),
    _of_site("tamarack", "www.tamarackvalleybank.example", "tamarack-valley-bank", "tamarackvalleybank_example"),
    _of_site("klimmo", "www.klimmo.example", "klimmo-fitness", "klimmo_example"),
    _of_site("skagerlund", "www.skagerlund.example", "skagerlund", "skagerlund_example"),
    _of_site("quoll", "www.quollbroadband.example", "quoll-broadband", "quollbroadband_example"),
    _of_site("permitwren", "www.permitwren.example", "permitwren", "permitwren_example"),
    _of_site("lacelle", "www.lacelle-munro.example", "lacelle-munro", "lacelle__munro_example"),
    _of_site("spatenglueck", "spatenglueck-versand.de", "spatenglueck-shop", "spatenglueck__versand_de"),
)


def build(demo: Demo, store: Path) -> None:
    """Provision a demo, unless the store has it. Raises CalledProcessError if the run fails."""
    if (store / demo.key / "dataset.duckdb").exists():
        return
    environment = {**os.environ, "PROVISIONING_STORE": str(store), "DAGSTER_HOME": str(store / "dagster")}
    (store / "dagster").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "provisioning_assets.cli", "run", demo.address, "--saved-pages", str(demo.pages)]
    subprocess.run(  # noqa: S603
        [*command, "--as-of", AS_OF, "--seed", "42", "--size", "small"], check=True, env=environment, cwd=PROJECT_FOLDER
    )
