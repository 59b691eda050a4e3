"""Every language has every text, with the values that the English text has, and the plural forms that it needs."""

import re
import string
from typing import Any

import pytest
import yaml
from babel import Locale
from pydantic import ValidationError

from provisioning_assets.customers import INDUSTRIES
from provisioning_assets.labels.catalogue import FOLDER, Labels, differences, labels_of
from provisioning_assets.labels.languages import LANGUAGES, locale_of
from provisioning_assets.planning.models import Complexity
from provisioning_assets.planning.shared_words import shared_words

OTHERS = [language for language in LANGUAGES if language != "en"]


def written(language: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))


def read(language: str, document: dict[str, Any]) -> Labels:
    return Labels.model_validate({"language": language, **document}, context={"language": language})


def texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    return [part]


def test_the_languages_are_those_of_the_words_that_all_blueprints_share() -> None:
    assert set(LANGUAGES) == set(shared_words("service_lines"))
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    labels = labels_of(language)
    assert differences(labels, labels_of("en")) == []
    assert set(labels.industries) == set(INDUSTRIES)
    assert set(labels.booklet.complexities) == set(Complexity)


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_with_a_form_for_one_says_it_where_english_does(language: str) -> None:
    """Unless both forms are the same: "1 spørgsmål, 2 spørgsmål"."""
    if "one" not in Locale.parse(locale_of(language)).plural_form.tags:
        assert not re.search(r"\bone:", (FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
        return
    assert labels_of(language).booklet.table_rows.of(1) != labels_of(language).booklet.table_rows.of(2).replace(
        "2", "1"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_hardly_a_text_is_left_in_english(language: str) -> None:
    """Words that languages share (Data, Status, Fitness) are few."""
    mine, english = texts(written(language)), set(texts(written("en")))
    alike = [text for text in mine if text in english and re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", text))]
    assert len(alike) < 0.1 * len(mine), alike


def test_a_text_that_is_missing_or_new_or_has_other_values_is_noticed() -> None:
    english = labels_of("en")
    document = written("de")
    del document["booklet"]["story"]
    with pytest.raises(ValidationError, match=r"booklet\.story"):
        read("de", document)
    document = written("de")
    document["booklet"]["surplus"] = "mehr"
    with pytest.raises(ValidationError, match="surplus"):
        read("de", document)
    document = written("de")
    del document["scorecard"]["figures"]["rows"]
    document["booklet"]["expiry"] = "Die Demo läuft ab."
    document["industries"]["bakery"] = "Bäckerei"
    document["booklet"]["table_rows"] = {"one": "eine Zeile", "other": "{number} Zeilen"}
    found = differences(read("de", document), english)
    assert found == [
        "booklet.expiry has the values [], the English text ['day']",
        "booklet.table_rows.other has the values ['number'], the English text ['count']",
        "industries.bakery is not in English",
        "scorecard.figures.rows is missing",
    ]


def test_the_form_follows_the_number() -> None:
    assert [labels_of("en").booklet.table_rows.of(count) for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    # French counts 0 and 1.5 as one
    assert [labels_of("fr").booklet.table_rows.of(count) for count in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    assert labels_of("de").booklet.table_rows.of(46_706) == "46.706 Zeilen"
    assert labels_of("ja").booklet.table_rows.of(1) == "1行"


def test_a_text_that_is_not_a_language_is_refused_before_it_becomes_a_path() -> None:
    for text in ("xx", "../../secrets", ""):
        with pytest.raises(ValueError, match="not a language"):
            labels_of(text)


def test_every_value_in_braces_has_a_name() -> None:
    for language in LANGUAGES:
        for text in texts(written(language)):
            names = [name for _, name, _, _ in string.Formatter().parse(str(text)) if name is not None]
            assert all(name.isidentifier() for name in names), text
