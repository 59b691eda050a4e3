"""The picture of the schema as SVG and PNG."""

import re
from xml.etree import ElementTree

from provisioning_assets.content.brand_palette import brand_palette
from provisioning_assets.content.schema_picture import schema_layout, schema_png, schema_svg
from provisioning_assets.data_model.tables import ForeignKey
from provisioning_assets_tests.content.sample_demo import sample_demo
from provisioning_assets_tests.content.test_schema_layout import assert_tidy

PALETTE = brand_palette(["#0f4c4a"])
SVG = "{http://www.w3.org/2000/svg}"


def test_every_table_and_reference_is_drawn() -> None:
    model = sample_demo().model
    svg = ElementTree.fromstring(schema_svg(model, PALETTE, {"orders": 20_598}))
    titles = [title.text for title in svg.iter(f"{SVG}title")]
    assert {table.name for table in model.tables} <= set(titles)
    assert "order_items.product_id refers to products.product_id" in titles
    references = sum(len(table.foreign_keys) for table in model.tables)
    assert sum("refers to" in (title or "") for title in titles) == references
    assert "20,598" in "".join(svg.itertext())
    layout = schema_layout(model)
    assert_tidy(layout, [route.link for route in layout.routes])


def test_only_numbers_colours_and_escaped_text_are_in_it() -> None:
    svg = schema_svg(sample_demo().model, PALETTE)
    assert "style=" not in svg
    assert "<script" not in svg
    assert "href" not in svg
    assert set(re.findall(r"<(\w+)", svg)) <= {"svg", "g", "title", "rect", "path", "text"}


def test_a_long_name_is_cut_and_kept_in_its_title() -> None:
    model = sample_demo().model
    name = "x" * 63
    model.tables[0].columns[1].name = name
    svg = schema_svg(model, PALETTE)
    assert f"<title>{name}</title>" in svg
    assert "…" in svg


def test_references_to_what_is_not_there_are_left_out() -> None:
    model = sample_demo().model
    table = model.tables[0]
    table.foreign_keys = [
        ForeignKey(columns=["category_name"], references_table="nowhere", references_columns=["id"]),
        ForeignKey(columns=["gone"], references_table="stores", references_columns=["store_id"]),
        ForeignKey(columns=["category_name"], references_table="stores", references_columns=[]),
    ]
    svg = schema_svg(model, PALETTE)
    assert "nowhere" not in svg
    assert "gone refers" not in svg
    assert "categories.category_name refers to stores.store_id" in svg


def test_a_very_light_brand_keeps_an_edge() -> None:
    palette = brand_palette(["#fff7d6"])
    assert f'stroke="{palette.accent}"/>' in schema_svg(sample_demo().model, palette)


def test_the_png_is_a_png() -> None:
    assert schema_png(sample_demo().model, PALETTE).startswith(b"\x89PNG")
