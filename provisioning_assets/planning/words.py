"""Replaces references in a blueprint by a customer's words, quoted as their place requires. Nothing is executed.

====================  ====================================  ==============================  ==========================
written               in a text                             in GoogleSQL                    in a row expression
====================  ====================================  ==============================  ==========================
``{company}``         Joe's Diner                           ``'Joe\\'s Diner'``              ``'Joe''s Diner'``
``{categories[0]}``   the slot's first word                 the same, quoted                the same, quoted
``{categories}``      all words: ``A, B and C``             ``'A', 'B', 'C'``               ``'A', 'B', 'C'``
``{price_level}``     1.0                                   ``1.0``                         ``1.0``
``{scale}``           (in tables and rules) 1               ``1.0``                         ``1.0``
``$categories``       (a whole list in YAML) the list of all words of the slot
``{shipping_fee}``    7.95                                  ``7.95``                        ``7.95``
``$opening_hours``    (the whole value of ``hours`` or ``weekdays``) the weights of the customer's own opening hours
====================  ====================================  ==============================  ==========================

A word can never become SQL: in SQL it is always a whole string literal, so an author writes no quotes around it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from provisioning_assets.data_model.problems import suggestion
from provisioning_assets.planning.blueprint import WordPlace
from provisioning_assets.planning.shared_words import RhythmKind
from provisioning_assets.planning.written import refuse

REFERENCE = re.compile(r"\{([a-z][a-z0-9_]*)(?:\[(\d+)\])?\}")
"""A reference: ``{name}`` or ``{name[0]}``. Text in other braces is left unchanged."""

QUOTED_REFERENCE = re.compile(r"['\"`]\{[a-z][a-z0-9_]*(?:\[\d+\])?\}")

FACTS = ("company", "currency", "country", "price_level")
"""Facts of the customer that every blueprint may refer to, in addition to its slots."""


@dataclass(frozen=True)
class CustomerWords:
    """The words of one customer for each slot, and the facts in ``FACTS``.

    ``groups``, for slots within another slot: the group of each word, in the order of the words. ``prices``: the price of a
    word of a slot in the customer's currency, if it is on the customer's site. ``places``: where the words of slots of places are.
    ``home``: where all others are. ``lists``: further lists of words, by name;
    an empty one is ``NULL`` in SQL, so that ``IN ({list})`` accepts nothing.
    ``rhythms``: term -> weights of the customer's opening hours. The figures of the customer's terms are among the facts.
    """

    slots: Mapping[str, list[str]]
    facts: Mapping[str, str | float]
    groups: Mapping[str, list[str]] = field(default_factory=dict)
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, WordPlace]] = field(default_factory=dict)
    home: WordPlace | None = None
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    rhythms: Mapping[str, Mapping[RhythmKind, list[float]]] = field(default_factory=dict)

    def place_of(self, word: str, slot: str | None = None) -> WordPlace | None:
        """Where a word is: as a word of the slot, else of any slot of places, else where the customer is at home."""
        own = self.places.get(slot or "", {}).get(word)
        return own or next((known[word] for known in self.places.values() if word in known), self.home)

    def names(self) -> list[str]:
        return [*self.facts, *self.slots, *self.lists]

    def words(self, name: str, index: str | None) -> list[str | float]:
        """The words that a reference stands for.

        Raises:
            PydanticCustomError: there is no such name, or the index is too high.
        """
        if name in self.facts and index is None:
            return [self.facts[name]]
        if name in self.lists and index is None:
            return list(self.lists[name])
        if name not in self.slots:
            raise refuse(f"{{{name}}} is neither a slot nor a fact. {suggestion(name, self.names())}")
        words = self.slots[name]
        if index is None:
            return list(words)
        if int(index) >= len(words):
            raise refuse(
                f"{{{name}[{index}]}}: a customer may have only {len(words)} words in '{name}'; use an index "
                f"from 0 to {len(words) - 1}"
            )
        return [words[int(index)]]

    def list_of(self, name: str) -> list[str]:
        """The words that ``$name`` stands for."""
        if name not in self.slots:
            raise refuse(f"${name} is not a slot. {suggestion(name, self.slots)}")
        return list(self.slots[name])

    def number(self, reference: str) -> float | None:
        """The figure that a whole value stands for, such as ``{shipping_fee}``; None if it is something else."""
        found = REFERENCE.fullmatch(reference)
        value = self.facts.get(found[1]) if found and found[2] is None else None
        return value if isinstance(value, int | float) else None

    def rhythm(self, kind: RhythmKind, reference: str) -> list[float]:
        """The weights that ``$name`` stands for as the value of ``hours`` or ``weekdays``."""
        if reference[1:] not in self.rhythms:
            raise refuse(f"{reference} is not a term with opening hours. {suggestion(reference[1:], self.rhythms)}")
        return list(self.rhythms[reference[1:]][kind])


def fill_text(template: str, words: CustomerWords, keep: frozenset[str] = frozenset()) -> str:
    """The text with words as people read them; names in ``keep`` (parts of a text grammar) stay as written."""
    return _fill(template, words, lambda words: join_words([_plain(word) for word in words]), keep)


def fill_googlesql(template: str, words: CustomerWords) -> str:
    """The GoogleSQL with words as literals."""
    _refuse_quotes(template)
    return _fill(template, words, lambda words: ", ".join(googlesql_literal(word) for word in words) or "NULL")


def fill_row_expression(template: str, words: CustomerWords) -> str:
    """The row expression (docs/row-expressions.md) with words as literals."""
    _refuse_quotes(template)
    return _fill(template, words, lambda words: ", ".join(row_expression_literal(word) for word in words) or "null")


def googlesql_literal(word: str | float) -> str:
    """A string as a GoogleSQL literal: backslash escapes (a doubled quote would end the string in BigQuery).

    Source: GoogleSQL lexical structure, "Escape sequences for string and bytes literals".
    """
    if isinstance(word, float | int):
        return _number(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def row_expression_literal(word: str | float) -> str:
    """A string as a literal of a row expression: standard quotes, a backslash is an ordinary character."""
    return _number(word) if isinstance(word, float | int) else "'" + word.replace("'", "''") + "'"


def _number(value: float) -> str:
    return repr(float(value)) if isinstance(value, float) else repr(value)


def join_words(words: list[str]) -> str:
    """The words as ``A, B and C``."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _plain(word: str | float) -> str:
    return f"{word:.12g}" if isinstance(word, float) else str(word)


def _fill(
    template: str,
    words: CustomerWords,
    write: Callable[[list[str | float]], str],
    keep: frozenset[str] = frozenset(),
) -> str:
    def replacement(match: re.Match[str]) -> str:
        return match[0] if match[1] in keep and match[2] is None else write(words.words(match[1], match[2]))

    return REFERENCE.sub(replacement, template)


def _refuse_quotes(template: str) -> None:
    quoted = QUOTED_REFERENCE.search(template)
    if quoted:
        raise refuse(f"write {quoted[0][1:]} without quotes; the quotes are added when its words are inserted")
