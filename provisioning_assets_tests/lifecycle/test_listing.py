"""The list of demos."""

from datetime import date, timedelta
from pathlib import Path

from provisioning_assets.customers import build_request
from provisioning_assets.lifecycle.listing import list_demos
from provisioning_assets.store import DemoStore

TODAY = date(2026, 3, 1)


def test_demos_are_listed_with_their_state(tmp_path: Path) -> None:
    store = DemoStore(root=str(tmp_path))
    assert list_demos(store) == []
    store.write("b_com", build_request("b_com", {"industry": "telecom", "ttl_days": 3}, today=TODAY))
    store.write("a_com", build_request("a_com", {}, today=TODAY))
    (tmp_path / "half_gone_com").mkdir()
    first, second = list_demos(store)
    assert [first.key, second.key] == ["a_com", "b_com"]
    assert second.industry == "telecom"
    assert second.state(TODAY) == "unfinished"
    assert second.state(TODAY + timedelta(days=3)) == "expired"
    listed = second.as_json(TODAY + timedelta(days=2))
    assert (listed["age_days"], listed["expires_on"], listed["ready"]) == (2, "2026-03-04", None)


def test_a_pinned_demo_has_no_day_of_expiry(tmp_path: Path) -> None:
    store = DemoStore(root=str(tmp_path))
    store.write("a_com", build_request("a_com", {"pinned": True}, today=TODAY))
    (demo,) = list_demos(store)
    assert demo.state(TODAY + timedelta(days=4000)) == "unfinished"
    listed = demo.as_json(TODAY)
    assert (listed["pinned"], listed["expires_on"]) == (True, None)
