"""Writes shared texts out as text settings, as if the author had written them in the blueprint."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioning_assets.data_model.names import GoogleSqlType
from provisioning_assets.data_model.problems import Place, suggestion
from provisioning_assets.data_model.text_grammar import PLACEHOLDER
from provisioning_assets.data_model.value_domains import text_of
from provisioning_assets.planning.blueprint_columns import (
    BlueprintColumn,
    SharedTextSettings,
    TextSettings,
    ValueCases,
)
from provisioning_assets.planning.filling import Filling
from provisioning_assets.planning.shared_texts import (
    CASE_SEPARATOR,
    MissingSentencesError,
    SharedText,
    cases_of,
    grammar_of,
    shared_text,
    with_parts_for_alternatives,
)
from provisioning_assets.planning.shared_words import UnknownNameError
from provisioning_assets.planning.table_design.category import category_values
from provisioning_assets.planning.table_design.draft import DesignError, Draft
from provisioning_assets.planning.table_design.expressions import case_expression, case_literal
from provisioning_assets.planning.table_design.types import ColumnTypes
from provisioning_assets.planning.words import row_expression_literal


@dataclass(frozen=True)
class _Decision:
    """Decides which case of a shared text applies to a row: by a column's value, or ``otherwise``."""

    column: str
    cases: Mapping[str, str]
    otherwise: str | None

    def all_cases(self) -> list[str]:
        return list(dict.fromkeys([*self.cases.values(), *([self.otherwise] if self.otherwise else [])]))

    def sql(self, kind: GoogleSqlType, place: Place) -> str:
        """The case of a row as a row expression; NULL if no case applies."""
        otherwise = "null" if self.otherwise is None else row_expression_literal(self.otherwise)
        if not self.cases:
            return otherwise
        results = {value: row_expression_literal(case) for value, case in self.cases.items()}
        return case_expression(self.column, results, otherwise, kind, place)


def without_alternatives(settings: TextSettings) -> TextSettings:
    """The same texts, with a part in place of each ``{one|another}``."""
    names: dict[tuple[str, ...], str] = {}
    changed = {
        "templates": with_parts_for_alternatives(settings.templates, names),
        "templates_by": {
            case: with_parts_for_alternatives(texts, names) for case, texts in settings.templates_by.items()
        },
        "parts": {name: with_parts_for_alternatives(texts, names) for name, texts in settings.parts.items()},
    }
    changed["parts"] |= {name: list(words) for words, name in names.items()}
    return settings.model_copy(update=changed)


def written_out(
    table: str, given: SharedTextSettings, draft: Draft, types: ColumnTypes, filling: Filling, place: Place
) -> TextSettings:
    """A shared text as text settings. A column that says which case applies to a row is added to the table.

    A row for which a deciding column is empty gets ``NOTHING_TO_SAY``.

    Raises:
        DesignError: the name of a text, case, value or part is unknown, or a column has values that match no case.
    """
    try:
        text = shared_text(given.shared)
    except UnknownNameError as error:
        raise DesignError((*place, "shared"), error.message, error.remedy) from error
    _check_names(text, given, place)
    decisions = {
        what: _decision(table, what, text, given, draft, types, filling, (*place, "by", what)) for what in text.decides
    }
    _check_keys(given, [case for decision in decisions.values() for case in decision.all_cases()], text, place)
    try:
        templates, parts = grammar_of(
            text, given.parts, given.values, [decision.all_cases() for decision in decisions.values()]
        )
    except MissingSentencesError as error:
        raise DesignError((*place, "parts"), error.message, error.remedy) from error
    sql = f" || '{CASE_SEPARATOR}' || ".join(
        decision.sql(types.of(table, decision.column), (*place, "by", what)) for what, decision in decisions.items()
    )
    column = BlueprintColumn.model_validate({"expression": sql})
    return TextSettings(
        templates=[NOTHING_TO_SAY],
        by=draft.add(table, f"{given.shared}__case", column, place),
        templates_by=templates,
        parts={name: [_with_columns(sentence, given.values) for sentence in found] for name, found in parts.items()},
    )


NOTHING_TO_SAY = "-"
"""Text of a row in which a deciding column is empty, as people write it into a required field."""


def _with_columns(sentence: str, values: Mapping[str, str]) -> str:
    def column(found: re.Match[str]) -> str:
        return f"{{{values[found[1]]}}}" if found[1] in values else found[0]

    return PLACEHOLDER.sub(column, sentence)


def _check_names(text: SharedText, given: SharedTextSettings, place: Place) -> None:
    for field, names, known, what in (
        ("by", given.by, text.decides, "does not decide anything"),
        ("values", given.values, text.values, "is not a value"),
        ("parts", given.parts, text.parts, "is not a part"),
    ):
        for name in names:
            if name not in known:
                raise DesignError((*place, field, name), f"'{name}' {what} in {given.shared}.", suggestion(name, known))
    for name in text.decides:
        if name not in given.by:
            raise DesignError(
                (*place, "by"),
                f"{given.shared} also depends on {name}, which `by` does not name.",
                f"Name its column: by: {{{name}: column}}.",
            )


def _check_keys(given: SharedTextSettings, cases: list[str], text: SharedText, place: Place) -> None:
    known = list(dict.fromkeys([*cases, *(case for of_one in text.decides.values() for case in of_one)]))
    for part, key, case in _own_cases(given):
        if case not in known:
            raise DesignError(
                (*place, "parts", part, key), f"'{case}' is not a case of {given.shared}.", suggestion(case, known)
            )


def _own_cases(given: SharedTextSettings) -> Iterator[tuple[str, str, str]]:
    """Part, key and case of the sentences that a blueprint adds for certain cases."""
    for part, sentences in given.parts.items():
        for key in sentences if isinstance(sentences, dict) else ():
            for together in cases_of(key):
                for case in together:
                    yield part, key, case


def _decision(
    table: str,
    what: str,
    text: SharedText,
    given: SharedTextSettings,
    draft: Draft,
    types: ColumnTypes,
    filling: Filling,
    place: Place,
) -> _Decision:
    """How the case of a row is decided. Every value that the blueprint lists must match a case; others are ``otherwise``."""
    written = given.by[what]
    cases = ValueCases(by=written) if isinstance(written, str) else filling.part(written, place)
    if not isinstance(cases.by, str):
        raise DesignError(
            (*place, "by"),
            "Several columns decide, but only one is accepted.",
            "Combine them in the expression of a helper column, and name that column.",
        )
    chosen = {value: str(case) for value, case in cases.cases().items()}
    otherwise = None if cases.otherwise is None else str(cases.otherwise)
    known = [*text.decides[what], *(case for _, _, case in _own_cases(given))]
    for value, case in {**chosen, **({} if otherwise is None else {"otherwise": otherwise})}.items():
        if case not in known:
            raise DesignError(
                (*place, value), f"'{case}' is not a {what} of {given.shared}.", suggestion(case, text.decides[what])
            )
    column = draft.reach(table, cases.by, place)
    usual = {value: case for case, meanings in text.decides[what].items() for value in (case, *meanings)}
    meant, values = {**usual, **chosen}, _values(draft, table, column)
    if values is None and otherwise is None:
        raise DesignError(
            place,
            f"The blueprint does not list the values of {cases.by}.",
            f"Write {{by: {cases.by}, value: case, otherwise: case}}; cases: {', '.join(text.decides[what])}.",
        )
    unknown = [value for value in values or () if value not in meant]
    if unknown and otherwise is None:
        raise DesignError(
            place,
            f"'{unknown[0]}', a value of {cases.by}, is not a {what} of {given.shared}.",
            f"{suggestion(unknown[0], usual)} Or write {{by: {cases.by}, {unknown[0]}: case}}.",
        )
    if values is None:
        kind = types.of(table, column)
        return _Decision(
            column, {**{value: usual[value] for value in usual if _fits(value, kind)}, **chosen}, otherwise
        )
    return _Decision(
        column, {value: meant[value] for value in values if value in meant}, otherwise if unknown else None
    )


def _fits(value: str, kind: GoogleSqlType) -> bool:
    """Whether a column of this type can hold the value; a column of numbers cannot hold words, for example."""
    try:
        case_literal(value, kind, ())
    except DesignError:
        return False
    return True


def _values(draft: Draft, table: str, name: str) -> list[str] | None:
    """The values of a column as text; None if the blueprint does not list them, or if some may be empty."""
    column = draft.columns[table][name]
    if column.null_share:
        return None
    if column.category is not None:
        return [text_of(value) for value in category_values(column.category)]
    if column.flag is not None:
        return ["true", "false"]
    if isinstance(column.from_, str):
        step = draft.step(table, name)
        target = draft.points_to(table, step.through)
        return None if target is None else _values(draft, target, step.column)
    return None
