"""``make demo-claude``: a demo whose parts Claude would write, with recorded answers: no key, no network, no cost."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.planner.recorded_answers import recorded_sites, replayed

RECORDED = (
    "The answers of Claude are recorded: people wrote them for this example, no model was asked, and nothing was paid. "
    "The costs that are shown are those of texts of that length."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Provision one of the example sites with its recorded answers, and show its scorecard. Returns the command's status."""
    sites = {site.key: site for site in recorded_sites()}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", choices=sites, default="cordage__clubs_example")
    site = sites[parser.parse_args(arguments).site]
    provision = Path(sys.executable).with_name("provision")
    key = f"{site.key}___recorded"
    print(RECORDED)
    with replayed() as service:
        environment = {**os.environ, "ANTHROPIC_BASE_URL": service.address, "ANTHROPIC_API_KEY": "no-key-needed"}
        ran = subprocess.run(  # noqa: S603  # the project's own command
            [
                provision,
                "run",
                site.url,
                "--key",
                key,
                "--saved-pages",
                str(site.saved_pages),
                "--planner",
                "auto",
                "--language",
                site.language,
            ],
            env=environment,
            check=False,
        )
    print(RECORDED)
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
