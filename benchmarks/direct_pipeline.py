"""The stages as plain functions, one after the other, without Dagster: what a Dagster run is held against.

Prints the seconds of each stage as JSON. Usage: ``python -m benchmarks.direct_pipeline STORE SAVED_PAGES AS_OF``.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

URL, KEY = "https://www.harbourandpine.example", "harbourandpine_example"

seconds: dict[str, float] = {}


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a stage, the imports of its modules included, as in a run."""
    began = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - began, 3)


def provision_directly(store: Path, saved_pages: Path, as_of: date) -> None:
    """Provision the example at size small into ``store``, artefacts written as in a run."""
    from provisioning_assets.artefact import Artefact
    from provisioning_assets.customers import build_request

    folder = store / KEY
    folder.mkdir(parents=True)

    def write(artefact: Artefact) -> None:
        (folder / f"{artefact.asset_name()}.json").write_text(artefact.model_dump_json(indent=1))

    with stage("customer_request"):
        asked = {"url": URL, "size": "small", "as_of": as_of.isoformat(), "saved_pages": str(saved_pages)}
        request = build_request(KEY, asked, today=as_of)
        write(request)
    with stage("customer_website"):
        from provisioning_assets.research.website.reading import read_website
        from provisioning_assets.research.website.settings import CrawlSettings

        website = read_website(request.url, saved_pages=saved_pages, notes="", settings=CrawlSettings())
        write(website)
    with stage("customer_profile"):
        from provisioning_assets.research.profile.reading import read_profile

        profile = read_profile(website, industry_override=None, default_company_host="www.harbourandpine.example")
        write(profile)
    with stage("demo_blueprint"):
        from provisioning_assets.planning.demo_blueprint import blueprint_for

        made = blueprint_for(profile, request)
        write(made)
    with stage("demo_plan"):
        from provisioning_assets.planning.demo_plan import plan_demo

        plan = plan_demo(made)
        write(plan)
    with stage("data_model"):
        from provisioning_assets.planning.data_model_design import design_data_model

        model = design_data_model(made, request)
        write(model)
    with stage("synthetic_tables"):
        from provisioning_assets.synthesis.engine import synthesise, workers_for

        tables = synthesise(model, folder, workers=workers_for(model))
        write(tables)
    with stage("data_quality_report"):
        from provisioning_assets.googlesql.statements import to_duckdb
        from provisioning_assets.quality.report import measure_quality
        from provisioning_assets.quality.report_page import set_report

        quality, pictures = measure_quality(
            plan, model, tables, folder, lambda sql, day: to_duckdb(sql, as_of=day), synthesise
        )
        path = folder / quality.page
        path.parent.mkdir()
        path.write_text(set_report(quality, plan, model, tables, pictures))
        write(quality)
    with stage("demo_dataset"):
        from provisioning_assets.warehouse.duckdb_dataset import FILE_NAME, build_dataset, content_digest
        from provisioning_assets.warehouse.models import DemoDataset

        dataset = DemoDataset(
            target="duckdb",
            dataset=f"demo_{KEY}",
            location=FILE_NAME,
            as_of=model.as_of,
            tables=build_dataset(model, tables, folder=folder),
            bytes=(folder / FILE_NAME).stat().st_size,
            content=content_digest(model, tables),
        )
        write(dataset)
    with stage("golden_queries"):
        from provisioning_assets.golden.golden_queries import ROWS_EXAMINED, execute_golden_queries
        from provisioning_assets.googlesql.duckdb_queries import run_query

        golden = execute_golden_queries(
            plan,
            model,
            lambda sql: run_query(folder / FILE_NAME, sql, as_of=model.as_of, most_rows=ROWS_EXAMINED),
        )
        write(golden)
    with stage("data_agent"):
        from upath import UPath

        from provisioning_assets.agent.clients import connect
        from provisioning_assets.agent.context import build_context
        from provisioning_assets.agent.data_agent import agent_id_for, provision_agent
        from provisioning_assets.agent.local_server.resource_names import PARENT, PROJECT
        from provisioning_assets.agent.local_server.serving import running_server

        with running_server(UPath(store)) as address:
            agent = provision_agent(
                connect(address).agents,
                PARENT,
                agent_id_for(KEY),
                display_name=plan.title,
                description=plan.subtitle,
                context=build_context(plan, model, golden, dataset, PROJECT),
                labels={"created-by": "provisioning-assets"},
            )
        write(agent)
    with stage("agent_evaluation"):
        from provisioning_assets.agent.asking import ask
        from provisioning_assets.agent.evaluation import evaluate

        with running_server(UPath(store)) as address:
            chat = connect(address).chat
            evaluation = evaluate(golden, plan.insights, lambda question: ask(chat, agent.name, question))
        write(evaluation)
    with stage("demo_booklet"):
        from provisioning_assets.content.booklet import BOOKLET_PATH, describe_booklet, set_page
        from provisioning_assets.content.booklet_view import booklet_view
        from provisioning_assets.content.demo import Demo

        made = Demo(request, website, profile, plan, model, dataset, golden, agent, evaluation, quality)
        view = booklet_view(made)
        html = set_page(view)
        path = folder / BOOKLET_PATH
        path.parent.mkdir()
        path.write_text(html)
        write(describe_booklet(html, view))
    with stage("demo_scorecard"):
        from provisioning_assets.content.scorecard import score_demo

        scorecard = score_demo(made)
        write(scorecard)
    print(json.dumps({"stages": seconds, "ready": scorecard.ready}))


if __name__ == "__main__":
    provision_directly(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
