"""Divides a question into parts: names of the model, times, numbers and markers of the grammar, and the words that are none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from provisioning_assets.agent.understanding.lexicon import Word, lexicon, plain_tokens, stems_of
from provisioning_assets.agent.understanding.meaning import LONGEST_NAME, Meaning, Names
from provisioning_assets.agent.understanding.time_windows import Unit, Window, is_calendar_word, read_times


@dataclass(frozen=True)
class Part:
    """A part of a question: a name, a time, a number or a marker, with the function words before it.

    ``past`` says that a name is the past form of a verb, ``capital`` that it begins with a capital.
    """

    kind: str
    said: str
    lead: tuple[str, ...] = ()
    past: bool = False
    capital: bool = False
    meanings: tuple[Meaning, ...] = ()
    window: Window | None = None
    rolling: tuple[int, Unit] | None = None
    grain: Unit | None = None
    number: float | None = None


def read_parts(question: str, names: Names, today: date) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Divide a question into parts. Returns the parts, and the words that are none."""
    words = names.read(question)
    parts, unknown = _parts(words, names, today)
    corrections = {word: names.corrected(word) for word in unknown}
    if unknown and all(corrections.values()):
        corrected = " ".join(
            corrections.get(word.text.casefold()) or (word.text.title() if word.capital else word.text)
            for word in words
        )
        return _parts(names.read(corrected), names, today)
    return parts, unknown


def _parts(words: tuple[Word, ...], names: Names, today: date) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    spans: dict[int, tuple[int, Part]] = {}
    taken: set[int] = set()

    def take(first: int, length: int, part: Part) -> None:
        spans[first] = (length, part)
        taken.update(range(first, first + length))

    for length, first in _spans(len(words), LONGEST_NAME, 2):
        phrase = words[first : first + length]
        dates = phrase[-1].text in _BEFORE_A_TIME and is_calendar_word(words[min(first + length, len(words) - 1)].text)
        if dates:
            continue  # "new customers since January" is not what the column "customer since" says
        if taken.isdisjoint(range(first, first + length)) and (_is_long(phrase) or not all(map(_is_grammar, phrase))):
            meanings = names.meanings(phrase)
            if meanings:
                take(
                    first,
                    length,
                    Part("name", _said(phrase), meanings=meanings, past=phrase[0].past, capital=phrase[0].capital),
                )
    for first, word in enumerate(words):
        if first not in taken and is_calendar_word(word.text):
            values = _values_beside(first, words, spans, names)
            if values:
                take(first, 1, Part("name", word.text, meanings=values, capital=word.capital))
    times = read_times(["-" if i in taken else word.text.casefold() for i, word in enumerate(words)], today)
    for span, window, rolling in times.windows_at:
        take(span[0], len(span), Part("window", _said(words[span[0] : span[-1] + 1]), window=window, rolling=rolling))
    for span, grain in times.grains_at:
        take(span[0], len(span), Part("grain", _said(words[span[0] : span[-1] + 1]), grain=grain))
    markers = lexicon().markers
    for length, first in _spans(len(words), lexicon().longest, 1):
        if taken.isdisjoint(range(first, first + length)):
            phrase = words[first : first + length]
            tag = markers.get(tuple(word.text.casefold() for word in phrase))
            if length == 1 and phrase[0].text in names.currencies and not names.meanings(phrase):
                tag = "#currency"
            if tag is not None and not (length == 1 and first and _is_value(phrase[0], names)):
                take(first, length, Part(tag, _said(words[first : first + length])))
    for first, word in enumerate(words):
        if first in taken:
            continue
        if word.number is not None:
            take(first, 1, Part("number", word.text, number=word.number))
        elif not word.function and not is_calendar_word(word.text):
            meanings = names.meanings((word,))
            if not meanings and word.text.casefold() in lexicon().light_words:
                continue
            take(
                first,
                1,
                Part(
                    "name" if meanings else "unknown",
                    word.text,
                    meanings=meanings,
                    past=word.past,
                    capital=word.capital,
                ),
            )
        elif not word.function or first == _asked_for(words):
            take(first, 1, Part("unknown", word.text))
    return _described(*_in_order(words, spans))


# Words for what was named before.
PRONOUNS = frozenset({"they", "them", "their", "theirs", "he", "him", "his", "she", "her", "hers", "those", "these"})
_SHORT = 3
_BEFORE_A_TIME = frozenset({"since", "from", "until", "in", "on", "at"})
_ASKS, _VERBS = frozenset({"what", "who", "where"}), frozenset("is are was were do does did has have had".split())  # noqa: SIM905
_HANGING = frozenset({"about", "for", "with", "from", "to", "of", "on", "in"})


def _asked_for(words: tuple[Word, ...]) -> int | None:
    """Return the place of the preposition at the end of "What were the calls about?": it asks for something that no noun names."""
    texts = [word.text.casefold() for word in words]
    asks = len(texts) > 2 and texts[0] in _ASKS and texts[1] in _VERBS and texts[-1] in _HANGING
    return len(texts) - 1 if asks else None


def _values_beside(
    at: int, words: tuple[Word, ...], spans: dict[int, tuple[int, Part]], names: Names
) -> tuple[Meaning, ...]:
    """Return the values that a word of the calendar names beside their noun or column: "monthly subscriptions"."""
    after = names.meanings((words[at + 1],)) if at + 1 < len(words) and not words[at + 1].function else ()
    before = [m for first, (length, part) in spans.items() if first + length == at for m in part.meanings]
    tables = {m.table for m in after if m.kind == "table"}
    columns = {m.of.key for m in before if m.kind == "column"}
    return tuple(
        m for m in names.meanings((words[at],)) if m.kind == "value" and (m.table in tables or m.of.key in columns)
    )


def _described(parts: tuple[Part, ...], unknown: tuple[str, ...]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Take words that the description of a value's column explains: "paid by card", if it says "How it was paid"."""
    if not unknown:
        return parts, unknown
    kept: list[Part] = []
    for index, part in enumerate(parts):
        beside = index + (2 if index + 1 < len(parts) and parts[index + 1].kind == "#by" else 1)
        explaining = tuple(
            m
            for m in (parts[beside].meanings if part.kind == "unknown" and beside < len(parts) else ())
            if m.kind == "value" and set(stems_of(part.said)) <= set(stems_of(m.of.description))
        )
        if explaining:
            parts = (*parts[:beside], replace(parts[beside], meanings=explaining), *parts[beside + 1 :])
        else:
            kept.append(parts[index])
    return tuple(kept), tuple(part.said.casefold() for part in kept if part.kind == "unknown")


def _spans(count: int, longest: int, shortest: int) -> Iterator[tuple[int, int]]:
    for length in range(min(longest, count), shortest - 1, -1):
        for first in range(count - length + 1):
            yield length, first


def _said(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _is_long(phrase: tuple[Word, ...]) -> bool:
    """Return whether a phrase is two words or more, none of them short: "work place" can be a name, "in the" cannot."""
    return len(phrase) > 1 and all(len(word.text) > _SHORT for word in phrase)


def _is_grammar(word: Word) -> bool:
    return word.function or (word.text.casefold(),) in lexicon().markers or is_calendar_word(word.text)


def _is_value(word: Word, names: Names) -> bool:
    """Return whether a marker's word is here a value, written with a capital inside a sentence: "Express", "New"."""
    meanings = names.meanings((word,)) if word.capital else ()
    return any(m.kind == "value" and plain_tokens(m.value or "") == [word.text.casefold()] for m in meanings)


def _in_order(words: tuple[Word, ...], spans: dict[int, tuple[int, Part]]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    parts: list[Part] = []
    lead: list[str] = []
    at = 0
    while at < len(words):
        if at in spans:
            length, part = spans[at]
            parts.append(replace(part, lead=tuple(lead)))
            lead = []
            at += length
        else:
            lead.append(words[at].text.casefold())
            at += 1
    return tuple(parts), tuple(part.said.casefold() for part in parts if part.kind == "unknown")
