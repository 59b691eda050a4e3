"""The sentence that Claude wrote for an answer: filled with the rows' figures, and shown only if it can be trusted.

Claude writes it before there are rows, with placeholders that code fills: ``{first.revenue}``, ``{last.revenue}``, ``{row_count}``.
A figure that stands in it otherwise must occur in the rows, rounded as it is written. What the words say is not checked.
"""

import re
import unicodedata

from provisioning_assets.agent.claude_answers.written_query import LONGEST_SENTENCE
from provisioning_assets.agent.understanding.telling import texts_of_column
from provisioning_assets.agent.understanding.wording import column_texts, shape_of
from provisioning_assets.figure_text import quantity
from provisioning_assets.googlesql.results import QueryResult
from provisioning_assets.labels.catalogue import labels_of
from provisioning_assets.labels.languages import DEFAULT_LANGUAGE

_PLACEHOLDER = re.compile(r"\{(?:(?P<row>first|last)\.(?P<column>\w+)|(?P<count>row_count))\}")
_FILLED = "\N{OBJECT REPLACEMENT CHARACTER}"
_MARKUP = re.compile(r"[<>{}\[\]`*|\\]|__|://|\bwww\.", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_JOINED = re.compile(r"\d[^\w\s]\d|\d\s\d")
"""What is left of numbers as other languages write them, when those of ``_FIGURE`` are one digit each: ``41,3``, ``12 346``."""
_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|billions?|trillions?"
    "|k|mn|bn|tn|lakh|crore|half|halves|doubled?|twice|tripled?|thirds?|quarters? of|percent"
)
_COUNTED_IN_WORDS = re.compile(rf"\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
"""English only: figures in words of other languages are not found. The instructions forbid them in every language."""
_MINUS = "-\N{MINUS SIGN}\N{EN DASH}"
_CHANGED_BEFORE = re.compile(rf"[{_MINUS}\d.,%+A-Za-z]{_FILLED}|[$€£¥]\s?{_FILLED}")
_CHANGED_AFTER = re.compile(rf"{_FILLED}(?:\s?%|[.,]?\d|[A-Za-z]|{_FILLED})")
"""What would make another figure of one that was filled in: ``-{first.x}``, ``{first.x}%``, ``{first.x}000``."""


def sentence_with_rows(written: str, result: QueryResult, language: str = DEFAULT_LANGUAGE) -> str | None:
    """Return the sentence with the rows' figures; None if it is not to be shown.

    Args:
        written: with placeholders.
        result: at least one row; its columns have their units.
        language: of the demo, ISO 639-1: how the rows' figures are written.
    """
    text = written.strip()
    if not text or len(text) > LONGEST_SENTENCE or not is_plain(_PLACEHOLDER.sub("", text)):
        return None
    rows = _Rows(result)
    placeholders = list(_PLACEHOLDER.finditer(text))
    if any(match["column"] and match["column"].lower() not in rows.names for match in placeholders):
        return None
    if result.row_count > len(result.rows) and any(match["row"] == "last" for match in placeholders):
        return None  # the last row is not among those that are shown
    if not rows.support(_PLACEHOLDER.sub(_FILLED, text), reads_figures=language == DEFAULT_LANGUAGE):
        return None

    def filled(match: re.Match[str]) -> str:
        if match["count"]:
            return quantity(result.row_count, 0, language)
        at = rows.names[match["column"].lower()]
        texts = rows.texts[at] if language == DEFAULT_LANGUAGE else texts_of_column(result, at, labels_of(language))
        return texts[0 if match["row"] == "first" else -1]

    return _PLACEHOLDER.sub(filled, text)


def is_plain(text: str) -> bool:
    """Return whether a text is one line without markup, addresses, or characters that people do not see."""
    return not _MARKUP.search(text) and all(
        unicodedata.category(character)[0] != "C" and unicodedata.category(character) not in ("Zl", "Zp")
        for character in text
    )


def has_figures(text: str) -> bool:
    """Return whether a text has a number, in digits of any script or in English words."""
    return any(unicodedata.numeric(c, None) is not None for c in text) or bool(_COUNTED_IN_WORDS.search(text))


class _Rows:
    """A result as readers see it: the texts of its cells by column, and which columns are figures."""

    def __init__(self, result: QueryResult) -> None:
        columns = range(len(result.columns))
        self.names = {column.name.lower(): at for at, column in enumerate(result.columns)}
        self.texts = [column_texts(result, at) for at in columns]
        self._cells = [[row[at] for row in result.rows] for at in columns]
        self._figures = shape_of(result.columns, result.rows).figures

    def support(self, text: str, *, reads_figures: bool) -> bool:
        """Return whether each figure of a text, whose placeholders are marked, occurs in the rows.

        Without ``reads_figures`` none does: the text writes numbers in another way than English.
        """
        for label in sorted(self._numbered_labels(), key=len, reverse=True):
            text = text.replace(label, _FILLED)
        if _CHANGED_BEFORE.search(text) or _CHANGED_AFTER.search(text) or _JOINED.search(_FIGURE.sub("0", text)):
            return False
        if not reads_figures:
            return not has_figures(text)
        for match in reversed(list(_FIGURE.finditer(text))):
            before, after = text[: match.start()], text[match.end() :]
            percent = after.lstrip()[:1] == "%"
            if before[-1:] in tuple(_MINUS) or not self._occurs(match[0], percent=percent):
                return False
            text = f"{before} {after}"
        return not has_figures(text)

    def _numbered_labels(self) -> set[str]:
        """Return the names and periods that have digits, as they are shown: ``Model 3000``, ``Mar 2026``."""
        labels = (texts for at, texts in enumerate(self.texts) if at not in self._figures)
        return {text for texts in labels for text in texts if re.search(r"\d", text)}

    def _occurs(self, figure: str, *, percent: bool) -> bool:
        number, decimals = float(figure.replace(",", "")), len(figure.partition(".")[2])
        for at in self._figures:
            for cell, text in zip(self._cells[at], self.texts[at], strict=True):
                shown = _FIGURE.search(text) if text.endswith("%") else None
                if shown is not None:  # a share is a fraction in its cell and a percentage to the reader
                    value = float(shown[0].replace(",", ""))
                    decimals_shown = len(shown[0].partition(".")[2])
                elif percent or isinstance(cell, (bool, str)) or cell is None:
                    continue
                else:
                    value, decimals_shown = float(cell), decimals
                if decimals <= decimals_shown and round(value, decimals) == number:
                    return True
        return False
