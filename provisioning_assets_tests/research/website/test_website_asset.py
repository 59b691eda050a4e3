"""The asset and its checks as Dagster runs them, on a real site."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from provisioning_assets.customer_partitions import customers
from provisioning_assets.customers import CustomerRequest
from provisioning_assets.research.website.assets import CustomerWebsiteConfig, customer_website
from provisioning_assets.research.website.checks import website_pages_healthy, website_was_read
from provisioning_assets.research.website.models import (
    Brand,
    CustomerWebsite,
    FailureKind,
    FetchedBy,
    FetchFailure,
    WebPage,
)
from provisioning_assets.store import DemoStore
from provisioning_assets_tests.research.website.website_server import WORDS, Website, page, served


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Website]:
    monkeypatch.setenv("PROVISIONING_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    icon = '<svg viewBox="0 0 40 20"><rect width="9" height="9" fill="#0a7a3b"/></svg>'
    with served() as running:
        running.routes = {
            "/": page("Acme", head='<meta name="theme-color" content="#0a7a3b">', links=("/about", "/gone")).replace(
                "<nav>", f'<header class="logo">{icon}</header><nav>'
            ),
            "/about": page("About", "Since 1974. " + WORDS),
        }
        yield running


def request(url: str, **more: Any) -> CustomerRequest:
    today = date(2026, 3, 1)
    return CustomerRequest(key="acme_com", url=url, as_of=today, created_on=today, **more)


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    return DemoStore(root=str(tmp_path / "store"))


def materialize(asked: CustomerRequest, store: DemoStore, *, read_again: bool = False, keep_pages: bool = False) -> Any:
    context = dg.build_asset_context(partition_key="acme_com")
    config = CustomerWebsiteConfig(read_again=read_again, keep_pages=keep_pages)
    result: Any = customer_website(context, config, store, asked)
    store.write("acme_com", result.value)
    return result


def website(*texts: str, notes: str = "", failures: tuple[FailureKind, ...] = ()) -> CustomerWebsite:
    return CustomerWebsite(
        url="https://acme.com/",
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
        pages=[WebPage(url="https://acme.com/", fetched_by=FetchedBy.HTTP, status=200, text=text) for text in texts],
        brand=Brand(),
        failures=[FetchFailure(url="https://acme.com/x", reason="gone", kind=kind) for kind in failures],
        notes=notes,
    )


def test_the_asset_reads_the_site_and_shows_what_it_read(site: Website, store: DemoStore) -> None:
    result = materialize(request(site.url), store)
    assert [found.title for found in result.value.pages] == ["Acme", "About"]
    metadata = result.metadata
    assert metadata["dagster/row_count"] == 2
    assert metadata["strategies"] == "http"
    assert [record.data["title"] for record in metadata["pages"].value.records] == ["Acme", "About"]
    assert metadata["failures"] == [f"{site.url}gone: the server answered HTTP 404"]
    assert metadata["brand_colours"].value.startswith("![brand colours](data:image/png;base64,")
    assert metadata["logo"].value.startswith("![logo](data:image/png;base64,")


def test_requests_that_were_made_again_are_counted_in_the_metadata(site: Website, store: DemoStore) -> None:
    about = site.routes["/about"]
    assert isinstance(about, str)
    assert "retries" not in materialize(request(site.url), store).metadata
    answers = iter([503, 503, 200])
    site.routes["/about"] = lambda exchange: exchange.send(about, status=next(answers))
    assert materialize(request(site.url), store, read_again=True).metadata["retries"] == 2


def test_saved_pages_and_notes_of_the_request_are_used(tmp_path: Path, store: DemoStore) -> None:
    (tmp_path / "index.html").write_text(page("Acme"))
    result = materialize(request("https://acme.com", saved_pages=str(tmp_path), notes="They hire tents."), store)
    assert result.metadata["strategies"] == "saved"
    assert result.value.notes == "They hire tents."
    assert "logo" not in result.metadata


def test_notes_alone_are_shown_as_such(site: Website, store: DemoStore) -> None:
    site.routes = {}
    result = materialize(request(site.url, notes="Acme hires tents. " * 10), store)
    assert result.metadata["strategies"] == "notes only"
    with pytest.raises(dg.Failure, match="describe the customer with --notes"):
        materialize(request(site.url), store)


def test_pages_are_read_again_when_others_are_asked_for_or_nothing_has_changed(site: Website, store: DemoStore) -> None:
    def visits(asked: CustomerRequest, *, read_again: bool = False) -> int:
        before = len(site.requests)
        materialize(asked, store, read_again=read_again)
        return len(site.requests) - before

    first = request(site.url)
    assert visits(first)
    assert visits(first), "made again on purpose"
    assert not visits(request(site.url, seed=7))
    assert visits(request(site.url, seed=7)), "made again on purpose"
    assert visits(request(site.url, seed=8), read_again=True)
    assert visits(request(site.url, seed=8, notes="They hire tents."))
    assert visits(request(f"{site.url}about", seed=8, notes="They hire tents."))


def test_a_refresh_keeps_the_pages_also_when_it_is_tried_again_on_the_same_day(site: Website, store: DemoStore) -> None:
    def visits(asked: CustomerRequest, **how: bool) -> int:
        before = len(site.requests)
        materialize(asked, store, **how)
        return len(site.requests) - before

    assert visits(request(site.url), keep_pages=True), "nothing was read before"
    assert not visits(request(site.url), keep_pages=True)
    assert visits(request(site.url, notes="They hire tents."), keep_pages=True), "they were not read for these notes"
    assert visits(request(site.url, notes="They hire tents."), keep_pages=True, read_again=True)


@pytest.mark.parametrize(
    ("read", "passed"),
    [
        (website(WORDS), True),
        (website(notes="They hire tents by the week. " * 10), True),
        (website("short"), False),
        (website(), False),
    ],
)
def test_a_site_without_text_stops_the_run(read: CustomerWebsite, passed: bool) -> None:
    result: Any = website_was_read(read)
    assert result.passed is passed
    assert bool(result.metadata["errors"].value) is not passed


@pytest.mark.parametrize(
    ("read", "passed", "failed"),
    [
        (website(WORDS), True, 0),
        (website(WORDS, failures=(FailureKind.STATUS,)), True, 1),
        (website(WORDS, failures=(FailureKind.STATUS, FailureKind.LIMIT)), False, 2),
        (website(WORDS, failures=(FailureKind.ROBOTS, FailureKind.ROBOTS, FailureKind.NOTICE)), True, 0),
        (website(notes="They hire tents. " * 20), False, 0),
    ],
)
def test_a_site_that_was_mostly_not_read_is_a_warning(read: CustomerWebsite, passed: bool, failed: int) -> None:
    result: Any = website_pages_healthy(read)
    assert result.passed is passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.metadata["failed"].value == failed
    assert result.metadata["refused_by_robots"].value == [failure.kind for failure in read.failures].count(
        FailureKind.ROBOTS
    )


@pytest.mark.parametrize("text", [WORDS, "Welcome to Acme. We are happy that you are here, do come in."])
def test_a_run_goes_on_only_with_a_site_that_was_read(site: Website, store: DemoStore, text: str) -> None:
    site.routes = {"/": page("Acme", text)}

    @dg.asset(partitions_def=customers, name="customer_request")
    def asked() -> CustomerRequest:
        return request(site.url)

    @dg.asset(partitions_def=customers)
    def later_work(customer_website: CustomerWebsite) -> str:
        return customer_website.url

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("customers", ["acme_com"])
        run = dg.materialize(
            [asked, customer_website, later_work, website_was_read, website_pages_healthy],
            partition_key="acme_com",
            instance=instance,
            resources={"store": store, "io_manager": dg.InMemoryIOManager()},
            raise_on_error=False,
        )
    passed = {evaluation.check_name: evaluation.passed for evaluation in run.get_asset_check_evaluations()}
    assert passed == {"website_was_read": text is WORDS, "website_pages_healthy": True}
    assert run.success is (text is WORDS)
    assert bool(run.asset_materializations_for_node("later_work")) is (text is WORDS)
