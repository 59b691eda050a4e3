"""The commands ``provision blueprint`` for authors of blueprints. Each command imports what it needs when it is called."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.terminal import NOT_DONE, AsJson, err, out, print_json, wide

if TYPE_CHECKING:
    from provisioning_assets.authoring.models import BlueprintCheck

MOST_SEEDS = 50

blueprint_commands = typer.Typer(
    help="Write a blueprint - an industry as data - and check it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@blueprint_commands.command()
def new(
    industry: Annotated[str, typer.Argument(help="The industry's id, e.g. bike_rental.")],
    output: Annotated[
        Path | None, typer.Option(help="Where to: a file <id>.yaml or a folder. Default: the current folder.")
    ] = None,
) -> None:
    """Write a new blueprint file with comments that explain the format. It passes the check without changes."""
    from provisioning_assets.authoring.new_blueprint import write_new_blueprint
    from provisioning_assets.planning.blueprint_sources import BLUEPRINTS

    path = escape(str(write_new_blueprint(industry, output)))
    out.print(
        f"Written: {path}\n"
        "Next:\n"
        "  1. Read it from top to bottom; its comments explain every section.\n"
        "  2. Change it section by section into your industry, and check it again and again:\n"
        f"       provision blueprint check {path} --seeds 1\n"
        f"       provision preview --blueprint {path} --table TABLE\n"
        f"  3. When the check passes with more seeds, move the file to {escape(str(BLUEPRINTS))}:\n"
        "     from then on there are demos of this industry.",
        soft_wrap=True,
    )


@blueprint_commands.command()
def check(
    blueprint: Annotated[str, typer.Argument(help="The path of a blueprint file, or an industry, e.g. telecom.")],
    seeds: Annotated[
        int, typer.Option(help="Seeds whose tables are generated and measured: 1, 2, ...", min=1, max=MOST_SEEDS)
    ] = 3,
    size: Annotated[str, typer.Option(help="small, medium, large or xlarge.")] = "small",
    country: Annotated[str, typer.Option(help="Home market of the sample customer, e.g. DE.")] = "US",
    as_of: Annotated[str | None, typer.Option(help="The data's today, e.g. 2026-01-31. Default: today.")] = None,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Ask the local agent every question and paraphrase.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Check a blueprint: faults, tables, rules, realism, questions, insights, agent. Exit status 0: everything passes."""
    from provisioning_assets.authoring.check_text import print_check

    with _progress() as progress:
        found = _checked(blueprint, seeds, size, country, as_of, ask, progress)
    if as_json:
        print_json({**found.model_dump(mode="json"), "passed": found.passed})
    else:
        print_check(wide(out), found)
    if not found.passed:
        raise typer.Exit(NOT_DONE)


@blueprint_commands.command()
def schema(
    output: Annotated[Path | None, typer.Option(help="Write it to this file. Default: print it.")] = None,
) -> None:
    """Print the JSON schema of blueprint files, for an editor or a language model.

    An editor can use the schema to complete and explain every field. Save it in the blueprint's folder and write this in the
    first line of the blueprint: "# yaml-language-server: $schema=blueprint.schema.json".
    """
    import json

    from provisioning_assets.planning.blueprint_schema import blueprint_schema

    if output is None:
        print_json(blueprint_schema())
        return
    try:
        output.write_text(json.dumps(blueprint_schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ProvisioningError(
            f"{output} cannot be written: {error.strerror}.", "Name a file in a folder that exists, with --output."
        ) from error
    err.print(f"Written: {escape(str(output))}", soft_wrap=True)


# --- shared by the commands --------------------------------------------------------------------------------------


def blueprint_file(given: str) -> Path:
    """Return the blueprint file for a path or for an industry's id.

    Raises:
        ProvisioningError: the industry does not exist; with the file of that name in the current folder, if there is one.
    """
    from provisioning_assets.planning.blueprint_files import blueprint_path
    from provisioning_assets.planning.blueprint_sources import blueprint_ids

    if "/" in given or given.endswith((".yaml", ".yml")):
        return Path(given)
    here = f"{given}.yaml"
    if given not in blueprint_ids() and Path(here).is_file():
        raise ProvisioningError(
            f"There is no blueprint '{given}'.",
            f"Did you mean ./{here}? A file outside of the package is named by its path, with .yaml.",
        )
    return blueprint_path(given)


def _checked(
    given: str, seeds: int, size: str, country: str, as_of: str | None, ask: bool, progress: Callable[[str], object]
) -> "BlueprintCheck":
    progress("Reading the file")
    from provisioning_assets.authoring.blueprint_check import check_blueprint, faulty
    from provisioning_assets.planning.blueprint_files import BlueprintError, read_blueprint

    file = blueprint_file(given)
    try:
        blueprint = read_blueprint(file, queries=True)
    except BlueprintError as error:
        return faulty(error, file.name)
    return check_blueprint(
        blueprint,
        file.name,
        size=size,
        seeds=range(1, seeds + 1),
        country=country,
        as_of=as_of,
        ask=ask,
        progress=progress,
    )


@contextmanager
def _progress() -> Iterator[Callable[[str], object]]:
    """Show the current step, but only on a terminal, so that pipes and logs contain only the result."""
    if not err.is_terminal:
        yield lambda _words: None
        return
    with err.status("") as status:
        yield lambda words: status.update(f"{words} ...")
