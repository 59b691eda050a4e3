"""The remarks of the general blueprint in its tables: they make sense and do not repeat soon."""

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from provisioning_assets.customers import DemoSize
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.planning.shared_texts import grammar_of, shared_text, with_parts_for_alternatives
from provisioning_assets.quality.realism import realism
from provisioning_assets.synthesis.engine import synthesise
from provisioning_assets.synthesis.models import SyntheticTables
from provisioning_assets_tests.planning.conftest import planned, profile, request_for

MOODS = {1: "poor", 2: "poor", 3: "fair", 4: "good", 5: "great"}
TOPICS = {
    "Quality of work": "work",
    "Friendliness": "manner",
    "Waiting time": "wait",
    "Price": "price",
    "Communication": "communication",
}

ALSO = {"wait": ["long_wait"], "work": ["redone"]}
"""Topic -> the topics of rows that did wait long, or whose work was done again."""


def remarks(size: str, folder: Path) -> tuple[DataModel, SyntheticTables, pl.DataFrame]:
    """The model, its tables, and the rows of feedback with a remark."""
    _, model = planned(profile(industry="general_business"), request_for(size=DemoSize(size)))
    made = synthesise(model, folder, workers=1)
    return model, made, table(folder, "feedback").drop_nulls("remark")


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(path) for path in sorted(folder.rglob("*.parquet")) if name in path.parts)


def reader() -> Callable[[str, str], re.Pattern[str]]:
    """Topic and mood -> a pattern of every text that the shared sentences can say about it."""
    text = shared_text("customer_feedback")
    templates, parts = grammar_of(text, {}, list(text.values), list(text.decides.values()))
    names: dict[tuple[str, ...], str] = {}
    parts = {name: with_parts_for_alternatives(sentences, names) for name, sentences in parts.items()}
    parts |= {name: list(words) for words, name in names.items()}

    def pattern(words: str) -> str:
        pieces = re.split(r"\{(\w+)\}", words)
        return "".join(
            re.escape(piece) if at % 2 == 0 else one_of(parts[piece]) if piece in parts else "[^!]+?"
            for at, piece in enumerate(pieces)
        )

    def one_of(sentences: list[str]) -> str:
        return f"(?:{'|'.join(map(pattern, sentences))})"

    return lambda topic, mood: re.compile(one_of(templates[f"{topic} / {mood}"]))


def test_a_remark_agrees_with_its_rows_topic_and_rating(tmp_path: Path) -> None:
    _, _, rows = remarks("small", tmp_path)
    read = reader()
    patterns = {
        (topic, stars): [read(of_topic, mood) for of_topic in [case, *ALSO.get(case, [])]]
        for topic, case in TOPICS.items()
        for stars, mood in MOODS.items()
    }
    assert rows.height > 1000
    for topic, rating, remark in rows.select("topic", "rating", "remark").iter_rows():
        assert any(pattern.fullmatch(remark) for pattern in patterns[topic, int(rating)]), (topic, rating, remark)


def test_only_waits_of_six_days_or_more_are_named_in_days(tmp_path: Path) -> None:
    _, _, rows = remarks("small", tmp_path)
    waited = rows.filter(pl.col("remark").str.contains(r"\d+ days"))
    assert set(waited["topic"]) == {"Waiting time"}
    days = waited["remark"].str.extract(r"(\d+) days").cast(pl.Int64)
    assert sorted(set(days))[0] == 6


def test_rating_and_amount_in_a_remark_are_the_rows_own(tmp_path: Path) -> None:
    _, _, rows = remarks("small", tmp_path)
    rated = rows.filter(pl.col("remark").str.contains("out of 5"))
    assert rated.height > 50
    assert (rated["remark"].str.extract(r"(\d) out of 5").cast(pl.Int64) == rated["rating"].cast(pl.Int64)).all()
    paid = rows.filter(pl.col("remark").str.contains(r"\d+ USD")).join(table(tmp_path, "jobs"), on="job_id")
    named = paid["remark"].str.extract(r"(\d+) USD").cast(pl.Float64)
    assert ((named - paid["job_value"].cast(pl.Float64)).abs() <= 0.5).all()


@pytest.mark.parametrize("size", ["small", "medium"])
def test_no_remark_comes_again_soon(size: str, tmp_path: Path) -> None:
    model, tables, rows = remarks(size, tmp_path)
    assert max(rows["remark"].value_counts()["count"].to_list()) <= rows.height / 500
    assert rows.sort("given_on", "feedback_id").tail(200)["remark"].n_unique() == 200
    checks = [result for result in realism(model, tables, tmp_path) if result.check.startswith("text_repeats")]
    assert len(checks) == 2
    assert [result for result in checks if not result.passed] == []
