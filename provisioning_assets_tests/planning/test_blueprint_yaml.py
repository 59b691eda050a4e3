"""A blueprint that is written as YAML and read again is the same document, whatever it contains."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning_assets.planning.blueprint import Slot
from provisioning_assets.planning.blueprint_files import load_blueprint, parse_blueprint, read_yaml
from provisioning_assets.planning.blueprint_sources import BLUEPRINTS, blueprint_ids
from provisioning_assets.planning.blueprint_yaml import WIDTH, as_yaml
from provisioning_assets.planning.demo_blueprint import filled_blueprint
from provisioning_assets_tests.planning.conftest import facts, profile
from provisioning_assets_tests.property_tests import examples

AWKWARD = st.sampled_from(
    [
        *"#,[]{}&*!|>'\"%@`?-:=~<+._",
        ": ", "# ", "- ", "? ", "---", "...", "<<", "null", "~", "true", "no", "on", "1", "-1", "1.5", "1e5", "1.0e-7", "0x1F",
        "12:30", "2024-01-01", "{company}", "$plans", "{{x}}",
        "\n", "\n\n", "\r", "\t", " ", "  ", "\u0085", "\u2028", "\ufeff", "\x07", "\x7f", "\u00a0", "é", "靴", "🚀", "\\", "\\n",
        "a long sentence of the kind that a talk track has, with commas: and colons - and dashes",
    ]
)  # fmt: skip
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30), st.lists(AWKWARD, max_size=12).map("".join)
)
KEY = st.one_of(st.sampled_from(["a", "rows", "1", "null", "true", "a: b", "#", "$plans", "Don't know"]), TEXT)
VALUE = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEY, inner, max_size=5)),
    max_leaves=12,
)


def same(written: Any, read: Any) -> bool:
    """Equal, and of the same types: 1 is not 1.0, and not true."""
    if type(written) is not type(read):
        return False
    if isinstance(written, dict):
        return list(written) == list(read) and all(same(value, read[key]) for key, value in written.items())
    if isinstance(written, list):
        return len(written) == len(read) and all(same(*pair) for pair in zip(written, read, strict=True))
    return written == read


@settings(max_examples=examples(300))
@given(st.dictionaries(KEY, VALUE, min_size=1, max_size=4))
def test_any_document_is_read_as_it_was_written(document: dict[str, Any]):
    text = as_yaml(document)
    assert same(document, read_yaml(text, "x.yaml")[0]), text


@settings(max_examples=examples(200))
@given(text=TEXT, depth=st.integers(0, 3))
def test_any_text_is_read_as_it_was_written_at_any_depth(text: str, depth: int):
    for long in (text, text * 8, f"{text} and so on " * 12):
        document: Any = {"title": long, "list": [long, {"inner": long, "other": [long, long]}]}
        for _ in range(depth):
            document = {"outer": document, "lines": [document]}
        assert same(document, read_yaml(as_yaml(document), "x.yaml")[0])


@pytest.mark.parametrize("blueprint_id", blueprint_ids())
def test_every_file_is_the_same_document_when_it_is_written_back(blueprint_id: str):
    blueprint = load_blueprint(blueprint_id)
    again = parse_blueprint(as_yaml(blueprint.model_dump(mode="json")), f"{blueprint_id}.yaml")
    assert again == blueprint
    assert again.model_dump(mode="json") == blueprint.model_dump(mode="json")


@pytest.mark.parametrize("blueprint_id", blueprint_ids())
def test_settings_that_the_author_left_out_are_not_written(blueprint_id: str):
    file = read_yaml((BLUEPRINTS / f"{blueprint_id}.yaml").read_text(encoding="utf-8"), "x.yaml")[0]
    assert load_blueprint(blueprint_id).model_dump(mode="json") == file


@settings(max_examples=examples(10))
@given(words=st.lists(TEXT.filter(bool), min_size=4, max_size=8), name=TEXT)
def test_a_filled_blueprint_is_a_blueprint_that_can_be_written_and_read(words: list[str], name: str):
    known = profile(company_name=name, product_categories=facts(*words), products=facts(*words))
    made = filled_blueprint(load_blueprint("retail_ecommerce"), known, "retail_ecommerce")
    slots = {name: slot.model_dump(mode="json") for name, slot in made.blueprint.slots.items()}
    read, _ = read_yaml(as_yaml(slots), "x.yaml")
    assert read == slots
    assert {name: Slot.model_validate(slot) for name, slot in read.items()} == made.blueprint.slots


def test_lines_are_broken_between_entries_only():
    text = as_yaml(load_blueprint("saas").model_dump(mode="json"))
    long = [line for line in text.splitlines() if len(line) > WIDTH + 10]
    assert all(line.count(": ") + line.count(", ") < 200 for line in long)
    assert len(long) < 0.1 * len(text.splitlines())
