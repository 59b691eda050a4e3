"""Words for generators in messages: every generator has them, and none uses a name that authors of blueprints do not know."""

from typing import get_args

from provisioning_assets.data_model.generator_words import WORDS
from provisioning_assets.data_model.generators import Generator
from provisioning_assets.data_model.rules.sound_part import LeftOut


def test_every_generator_has_words() -> None:
    union, _ = get_args(Generator)
    kinds = {generator.model_fields["kind"].default for generator in (*get_args(union), LeftOut)}
    assert set(WORDS) == kinds


def test_words_avoid_the_names_of_the_data_model() -> None:
    internal = {"lookup", "parent_key", "sequence", "record", "rollup", "first_of", "entered_at", "left_at"}
    assert not [words for words in WORDS.values() if internal & set(words.split())]
