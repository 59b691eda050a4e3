"""The ``provision`` command with its subcommands.

Each subcommand imports what it needs when it is called, so that ``--help`` and refusals appear at once.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from provisioning_assets.authoring.commands import blueprint_commands, blueprint_file
from provisioning_assets.errors import ProvisioningError
from provisioning_assets.lifecycle.alerts.commands import alert_commands
from provisioning_assets.terminal import (
    NOT_DONE,
    REFUSED,
    AsJson,
    err,
    out,
    print_json,
    restore_interrupts,
    say_problem,
    wide,
)

if TYPE_CHECKING:
    from provisioning_assets.content.models import DemoScorecard
    from provisioning_assets.lifecycle.provisioning import RunReport
    from provisioning_assets.store import DemoStore

app = typer.Typer(
    name="provision",
    help="Make a rehearsed Conversational Analytics demo from a company's website address.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(blueprint_commands, name="blueprint")
app.add_typer(alert_commands, name="alerts")
Key = Annotated[str, typer.Argument(help="The customer's key, e.g. acme_com. A website address works too.")]


def main() -> None:
    """Entry point. A user's mistake prints one message instead of a stack trace."""
    restore_interrupts()
    try:
        app()
    except ProvisioningError as error:
        say_problem(error.problem, error.remedy)
        sys.exit(REFUSED)
    except OSError as error:
        if error.filename is None:
            raise
        say_problem(
            f"{os.fsdecode(error.filename)} cannot be read or written: {error.strerror}.",
            "Look whether the folder or disk is there, has room and may be written (PROVISIONING_STORE, DAGSTER_HOME), "
            "then repeat the command: what is finished is kept.",
        )
        sys.exit(NOT_DONE)


@app.command()
def run(
    url: Annotated[str, typer.Argument(help="The company's website, e.g. https://www.acme.com")],
    key: Annotated[str | None, typer.Option(help="Partition key. Default: made from the website's host.")] = None,
    industry: Annotated[
        str | None, typer.Option(help="The industry, e.g. telecom. Default: read from the website.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Language of the demo, e.g. de. Default: en. Others need Claude.")
    ] = None,
    size: Annotated[str | None, typer.Option(help="small, medium, large or xlarge. Default: small.")] = None,
    seed: Annotated[str | None, typer.Option(help="The same seed gives the same rows.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The last day with data, e.g. 2026-01-31. Default: today, at each refresh.")
    ] = None,
    notes: Annotated[str | None, typer.Option(help="What you know about the customer.")] = None,
    saved_pages: Annotated[
        str | None, typer.Option(help="Folder with saved pages, if the site cannot be read.")
    ] = None,
    ttl_days: Annotated[
        str | None, typer.Option(help="Days from the first request until the demo expires. Default: 30.")
    ] = None,
    pinned: Annotated[
        bool | None, typer.Option("--pinned/--no-pinned", help="Keep the demo until it is removed by hand.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="MAIL", help="Your mail address. A label on the data set names you.")
    ] = None,
    edits: Annotated[
        Path | None, typer.Option(help="File with your changes to the demo: a list of {path, value}.")
    ] = None,
    planner: Annotated[
        str | None, typer.Option(help="Who writes the demo: auto, blueprints or claude-only. Default: auto.")
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Run every stage again; reuse nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make one customer's demo, and show the progress. If it stops, the same command continues where it stopped."""
    from provisioning_assets.customers import site_key
    from provisioning_assets.lifecycle.provisioning import provision_customer
    from provisioning_assets.lifecycle.run_progress import RunProgress

    asked = {
        "url": url,
        "industry": industry,
        "language": language,
        "size": size,
        "seed": seed,
        "as_of": as_of,
        "notes": notes,
        "saved_pages": saved_pages,
        "ttl_days": ttl_days,
        "pinned": pinned,
        "owner": owner,
        "edits": None if edits is None else _text_of(edits),
        "planner": planner,
    }
    key = key or site_key(url)
    with RunProgress(err if as_json else out) as progress:
        report = provision_customer(key, asked, everything=refresh, progress=progress)
    _end_run(report, as_json=as_json)


@app.command()
def refresh(
    key: Key,
    as_of: Annotated[
        str | None, typer.Option(metavar="today", help="'today' releases an as-of date that was given before.")
    ] = None,
    read_again: Annotated[bool, typer.Option("--read-again", help="Read the website again as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a demo again with today's date: same seed, same stories. What a failed run left unfinished is finished.

    The website is not read again; words, corrections and the day of expiry stay.
    """
    from provisioning_assets.lifecycle.refresh.by_hand import refresh_by_hand
    from provisioning_assets.lifecycle.run_progress import RunProgress

    store = _store()
    key = _existing(store, key)
    with RunProgress(err if as_json else out) as progress:
        report = refresh_by_hand(store, key, as_of=as_of, read_again=read_again, progress=progress)
    _end_run(report, as_json=as_json)


@app.command("list")
def list_demos(as_json: AsJson = False) -> None:
    """List the demos on this machine with owner, state, date of their figures, next refresh and expiry."""
    from provisioning_assets import clock
    from provisioning_assets.lifecycle.alerts.outbox import AlertOutbox
    from provisioning_assets.lifecycle.listing import list_demos as read_demos
    from provisioning_assets.lifecycle.listing_text import print_demos
    from provisioning_assets.lifecycle.refresh.due import next_refresh_on
    from provisioning_assets.settings import read_settings
    from provisioning_assets.targets import stored_demos

    today, settings = clock.today(), read_settings()
    store = stored_demos(settings)
    demos = [(demo, next_refresh_on(demo, settings.refresh_days)) for demo in read_demos(store)]
    if as_json:
        print_json(
            [
                demo.as_json(today) | {"next_refresh_on": refresh_on.isoformat() if refresh_on else None}
                for demo, refresh_on in demos
            ]
        )
        return
    if not demos:
        out.print("No demos yet. Make one: provision run https://www.acme.com")
    else:
        print_demos(out, demos, today)
    if waiting := AlertOutbox(store).count():
        out.print(f"\n{waiting} alert{'' if waiting == 1 else 's'} not delivered yet: provision alerts list")


@app.command()
def show(key: Key, as_json: AsJson = False) -> None:
    """Show one demo's scorecard, the path of its booklet, and when it was made with which result."""
    from provisioning_assets.atomic_files import opened_at
    from provisioning_assets.content.models import DemoBooklet, DemoScorecard
    from provisioning_assets.lifecycle.history import RECORDS_SHOWN, History
    from provisioning_assets.lifecycle.history_text import print_history

    store = _store()
    key = _existing(store, key)
    scorecard = store.read(key, DemoScorecard)
    # A booklet with figures that the data set no longer has is not shown.
    booklet = store.find_readable(key, DemoBooklet) if scorecard.still_counts() else None
    path = opened_at(store.folder(key) / booklet.path) if booklet else None
    history = History(store, key).records(None if as_json else RECORDS_SHOWN)
    if as_json:
        made = [record.model_dump(mode="json") for record in history]
        print_json({"key": key, "booklet": path, "scorecard": scorecard.model_dump(mode="json"), "history": made})
    else:
        _show_scorecard(scorecard, path)
        out.print()
        print_history(wide(out), history)


@app.command()
def plan(key: Key, as_json: AsJson = False) -> None:
    """Show what a run will create, replace or leave, with rows, bytes and money, before anything is made."""
    from provisioning_assets.lifecycle.run_plan_text import print_run_plan
    from provisioning_assets.lifecycle.run_planning import planned_run
    from provisioning_assets.settings import read_settings
    from provisioning_assets.targets import this_target

    planned = planned_run(_as_key(key), this_target(), read_settings())
    if as_json:
        print_json(planned.model_dump(mode="json"))
    else:
        print_run_plan(wide(out), planned)


@app.command()
def review(
    key: Key,
    drop: Annotated[list[str] | None, typer.Option(help="A word that must not be shown. May be repeated.")] = None,
    use: Annotated[
        list[str] | None, typer.Option(metavar="LIST=WORD,...", help="Your own words for a list, e.g. plans=Solo,Team.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The company's name.")] = None,
    country: Annotated[str | None, typer.Option(help="The home country, two letters, e.g. DE.")] = None,
    industry: Annotated[str | None, typer.Option(help="The industry, e.g. telecom.")] = None,
    confirm: Annotated[str | None, typer.Option(metavar="YOU", help="Record that you looked at all words.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look through the words that came from the customer's website; drop, replace and confirm them.

    After a correction the demo is made again from there, without reading the website again.
    """
    from provisioning_assets.lifecycle.words_correction import correct
    from provisioning_assets.lifecycle.words_review import review_of
    from provisioning_assets.lifecycle.words_review_text import print_review

    store = _store()
    key = _existing(store, key)
    report = correct(
        store,
        key,
        dropped=tuple(drop or ()),
        used=tuple(use or ()),
        name=name,
        country=country,
        industry=industry,
        confirmed_by=confirm,
        screen=err,
    )
    review = review_of(store, key)
    if as_json:
        print_json(review.as_json() | ({"run": report.as_json()} if report else {}))
    else:
        print_review(out, review)
    if report is not None and not report.success:
        say_problem(report.problem or "The demo could not be made again.", "Correct it, and run the command again.")
        raise typer.Exit(NOT_DONE)


@app.command()
def ask(
    key: Key,
    question: Annotated[str, typer.Argument(help="A question in plain English, e.g. 'revenue by month'.")],
    as_json: AsJson = False,
) -> None:
    """Ask the demo's agent a question. Shows the answer, SQL, rows, chart, and whether a verified query matched."""
    from provisioning_assets.agent.answer_text import show_answer
    from provisioning_assets.agent.asking import ask as ask_agent
    from provisioning_assets.agent.models import DataAgent
    from provisioning_assets.targets import this_target

    target = this_target()
    key = _existing(target.store, key)
    agent = target.store.read(key, DataAgent)
    with target.data_agents.session() as session:
        answer = ask_agent(session.chat_client, agent.name, question)
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        show_answer(out, answer)
    if not answer.understood:
        raise typer.Exit(NOT_DONE)


@app.command()
def preview(
    key: Annotated[
        str | None, typer.Argument(help="A customer's key or website address. Leave it out with --blueprint.")
    ] = None,
    blueprint: Annotated[
        str | None, typer.Option(help="An industry, e.g. telecom, or the path of a blueprint file.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="One table. Default: all.")] = None,
    rows: Annotated[
        int | None, typer.Option(help="Rows to show: of each table 5, of a query 50.", min=0, max=1000)
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show long texts in full length.")] = False,
    sql: Annotated[
        str | None, typer.Option(help="Instead: run one GoogleSQL SELECT over the sample and show its rows.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="With --blueprint: home market, e.g. DE. Default: US.")] = None,
    size: Annotated[
        str | None, typer.Option(help="With --blueprint: size of the demo whose row counts are shown.")
    ] = None,
    seed: Annotated[str | None, typer.Option(help="With --blueprint: the same seed gives the same rows.")] = None,
    as_of: Annotated[str | None, typer.Option(help="With --blueprint: the last day with data. Default: today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show tables, first rows and a profile of each column for a customer or an industry, from a small sample.

    With --sql, the rows of one query over the same sample.
    """
    from provisioning_assets.data_model.models import DataModel
    from provisioning_assets.planning.blueprint_files import read_blueprint
    from provisioning_assets.planning.sample_customer import DEFAULT_COUNTRY, sample_demo

    given = {"--country": country, "--size": size, "--seed": seed, "--as-of": as_of}
    extra = [option for option, value in given.items() if value is not None]
    if (key is None) == (blueprint is None):
        raise ProvisioningError(
            "Both a customer and --blueprint were given." if key else "Neither a customer nor --blueprint was given.",
            "Give one of them: a customer's key, or --blueprint with an industry or a file.",
        )
    if blueprint is not None:
        chosen = read_blueprint(blueprint_file(blueprint))
        _, model = sample_demo(chosen, country or DEFAULT_COUNTRY, size=size, seed=seed, as_of=as_of)
        origin = f"blueprint {chosen.id}, version {chosen.version}"
    elif extra:
        raise ProvisioningError(
            f"{', '.join(extra)} cannot be given for a customer.",
            "A customer's preview uses the values of the customer's request. Use these options only with --blueprint.",
        )
    else:
        store = _store()
        origin = _existing(store, key or "")
        model = store.read(origin, DataModel)
    from provisioning_assets.synthesis.preview import preview as make_preview
    from provisioning_assets.synthesis.preview_text import print_preview

    if sql is not None:
        if table is not None or full:
            raise ProvisioningError(
                f"--sql was given with {'--table' if table is not None else '--full'}.",
                "A query names its tables, and its texts are shown in full length: leave the other option out.",
            )
        from provisioning_assets.authoring.preview_query import print_result, query_preview

        result = query_preview(model, sql, rows=50 if rows is None else rows)
        if as_json:
            print_json(result.model_dump(mode="json"))
        else:
            print_result(wide(out), result)
        return
    made = make_preview(model, origin, table=table, rows=5 if rows is None else rows)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        print_preview(wide(out), made, full=full)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 selects a free port.", min=0, max=65535)] = 8091,
) -> None:
    """Serve the Conversational Analytics API for the demos on this machine, until Ctrl-C."""
    from provisioning_assets.agent.local_server.serving import serve_forever
    from provisioning_assets.agent.resources import LocalDataAgents
    from provisioning_assets.targets import this_target

    target = this_target()
    agents = LocalDataAgents(store=target.store, claude=target.claude)
    serve_forever(
        target.store.base(),
        port,
        show=lambda text: out.print(text, soft_wrap=True),
        claude=agents.questions_to_claude(for_days=True),
    )


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)] = 3000,
) -> None:
    """Start Dagster's UI and daemon for this project, until Ctrl-C."""
    from provisioning_assets.lifecycle.ui_process import run_ui

    run_ui(port, show=lambda text: out.print(text, soft_wrap=True), warn=_warn_of_lacking_limits)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check what a run needs: what is missing, why it matters, and the command that mends it. A warning is no failure."""
    from provisioning_assets.doctor.checkup import examine
    from provisioning_assets.doctor.findings_text import print_checkup

    checkup = examine(os.environ)
    if as_json:
        print_json(checkup.as_json())
    else:
        print_checkup(out, checkup)
    if not checkup.ready:
        raise typer.Exit(NOT_DONE)


@app.command()
def extend(
    key: Key,
    days: Annotated[int | None, typer.Option(help="Days from today until the demo expires.")] = None,
    pinned: Annotated[
        bool | None, typer.Option("--pinned/--no-pinned", help="Keep the demo until it is removed by hand.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep a demo longer. Nothing is made again but the booklet and the scorecard, which show the day."""
    from provisioning_assets.lifecycle.removal.cleanup import extend as keep_longer
    from provisioning_assets.targets import this_target

    target = this_target()
    kept = keep_longer(_existing(target.store, key), target, days=days, pinned=pinned)
    if as_json:
        print_json(kept.as_json())
    else:
        out.print(f"{kept.key} {f'expires on {kept.expires_on}' if kept.expires_on else 'is pinned'}.")


@app.command()
def teardown(
    key: Key,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; show what would be removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a demo: its agent, data set, artefacts, runs and partition. It can be repeated safely."""
    from provisioning_assets.customers import site_of_key
    from provisioning_assets.lifecycle.removal.cleanup import remove_now
    from provisioning_assets.lifecycle.removal.models import Reason
    from provisioning_assets.targets import this_target

    key = _as_key(key)
    site_of_key(key)
    (removal,) = remove_now(
        [key],
        this_target(),
        reason=Reason.BY_HAND,
        dry_run=dry_run,
        report=lambda line: None if as_json else out.print(f"  {line}", soft_wrap=True),
    )
    if removal.problem:
        raise ProvisioningError(removal.problem, removal.remedy)
    if as_json:
        print_json({"key": key, "dry_run": dry_run, "removed": removal.removed})
    elif dry_run:
        out.print(f"{key} - {removal.outcome}.", soft_wrap=True)
    elif not removal.removed:
        out.print(f"Nothing was found for {key}, so nothing was removed.")


@app.command()
def cleanup(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; show what would be removed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the demos that have expired, as the schedule does every night. What is in use is refused."""
    from provisioning_assets.lifecycle.removal.cleanup import remove_expired
    from provisioning_assets.targets import this_target

    removals = remove_expired(this_target(), dry_run=dry_run, report=lambda _line: None)
    if as_json:
        print_json([removal.model_dump(mode="json") for removal in removals])
    elif not removals:
        out.print("No demo has expired.")
    for removal in removals if not as_json else []:
        out.print(f"{removal.key} - {removal.outcome}", soft_wrap=True)
        if removal.problem:
            out.print(f"  What to do: {removal.remedy}", soft_wrap=True)
    if any(removal.problem for removal in removals):
        raise typer.Exit(NOT_DONE)


@app.command()
def reconcile(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; show what does not fit together.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find data sets, agents, files and keys without a demo, and remove what is ours, old enough and not in use."""
    from provisioning_assets.lifecycle.removal.cleanup import reconcile_now
    from provisioning_assets.targets import this_target

    orphans = reconcile_now(this_target(), dry_run=dry_run)
    if as_json:
        print_json(orphans)
    elif not orphans:
        out.print("Everything fits together.")
    for orphan in orphans if not as_json else []:
        out.print(escape(f"{orphan['what']} {orphan['name']}: {orphan['problem']}."), soft_wrap=True)
        out.print(escape(f"  {orphan['done'] or orphan['remedy']}"), soft_wrap=True)


def _warn_of_lacking_limits() -> None:
    """Say before Dagster starts what its instance lacks; a user's own DAGSTER_HOME may lack the project's limits."""
    from provisioning_assets.doctor.dagster_records import dagster_findings
    from provisioning_assets.doctor.models import State
    from provisioning_assets.redaction import without_secrets

    for finding in dagster_findings():
        if finding.state is not State.OK:
            said = f"Warning: {finding.found}. {finding.why} {finding.remedy}"
            err.print(without_secrets(said, os.environ), soft_wrap=True, markup=False)


# --- shared by the commands --------------------------------------------------------------------------------------


def _store() -> "DemoStore":
    from provisioning_assets.settings import read_settings
    from provisioning_assets.targets import store_of

    return store_of(read_settings())


def _as_key(given: str) -> str:
    """Return the key; ``given`` is a key or a website address."""
    from provisioning_assets.customers import site_key

    return site_key(given) if "." in given or ":" in given else given


def _existing(store: "DemoStore", given: str) -> str:
    """Return the key of a customer that has a folder in the store; ``given`` is a key or a website address."""
    key = _as_key(given)
    if not store.has_customer(key):
        known = store.customer_keys()
        raise ProvisioningError(
            f"There is no demo of {key} in {store.root}.",
            f"Existing demos: {', '.join(known[:20])}." if known else "Make one: provision run https://www.acme.com",
        )
    return key


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProvisioningError(f"The file {path} cannot be read: {error}.", "Give the path of a text file.") from error


def _end_run(report: "RunReport", *, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
    else:
        _show_report(report)
    if not (report.success and report.scorecard and report.scorecard.ready):
        raise typer.Exit(NOT_DONE)


def _show_report(report: "RunReport") -> None:
    from provisioning_assets.content.scorecard_text import print_scorecard

    if report.problem:
        out.print(f"\n[bold red]Not done:[/bold red] {escape(report.problem)}", soft_wrap=True)
        out.print("Fix that and run the same command again: it continues where it stopped.")
    if report.scorecard:
        out.print()
        print_scorecard(out, report.scorecard)
    if report.booklet:
        out.print(f"\nBooklet: {report.booklet}", soft_wrap=True)
        out.print(
            "Next:\n"
            f"  .venv/bin/provision review {report.key}   # look at the customer's words\n"
            f'  .venv/bin/provision ask {report.key} "{escape(report.first_question or "revenue by month")}"\n'
            "  make ui                        # the same in Dagster: graph, checks, pictures\n"
            "  .venv/bin/provision run URL    # a demo for your own customer",
            soft_wrap=True,
        )


def _show_scorecard(scorecard: "DemoScorecard", booklet: str | None) -> None:
    from provisioning_assets.content.scorecard_text import print_scorecard

    print_scorecard(out, scorecard)
    if booklet:
        out.print(f"\nBooklet: {booklet}", soft_wrap=True)


if __name__ == "__main__":
    main()
