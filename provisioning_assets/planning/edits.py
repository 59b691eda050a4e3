"""Applies a CE's edits to one demo: a list of places in the customer's blueprint, each with its new value.

``{path: title, value: ...}`` replaces, ``{path: insights.late_trucks, value: null}`` removes, ``{path: questions.new_one, value:
{...}}`` adds, ``{path: scenes.opening.questions.+, value: new_one}`` appends to a list, ``{path: slots.plans.filled.0.word,
value: Basic}`` changes one word. A name that contains a dot is written as a step of a list: ``{path: [functions, "name(a)"],
value: null}``. What rests on something that is removed is removed too: the references to it, a question's insight, a scene's
questions. If a group is renamed, its words stay in it.
"""

from copy import deepcopy
from typing import Any, get_origin

from provisioning_assets.data_model.problems import Problem, suggestion
from provisioning_assets.demo_edits import Edit
from provisioning_assets.planning.blueprint import Blueprint

APPEND = "+"

OPTIONAL_SECTIONS = frozenset(
    name
    for name, field in Blueprint.model_fields.items()
    if get_origin(field.annotation) is dict and not field.is_required()
)
"""Sections of named entries that a blueprint may lack: an edit may add the first entry."""


def edited(document: dict[str, Any], edits: list[Edit]) -> tuple[dict[str, Any], list[Problem]]:
    """A copy of a blueprint's document with the edits made in their order, and the edits that could not be made.

    The place of a problem is ``("edits", index)``.
    """
    copy = deepcopy(document)
    problems: list[Problem] = []
    for index, edit in enumerate(edits):
        before = _words(copy)
        problem = _make(copy, edit)
        _regroup(copy, before)
        if problem is not None:
            problems.append(Problem(("edits", index, ".".join(edit.steps())), *problem))
    return copy, problems


def _make(document: dict[str, Any], edit: Edit) -> tuple[str, str] | None:
    """Make one edit in place. Returns the problem and its remedy if the edit cannot be made, else None."""
    *way, last = edit.steps()
    if len(way) == 1 and way[0] in OPTIONAL_SECTIONS and edit.value is not None:
        document.setdefault(way[0], {})
    found: Any = document
    for number, step in enumerate(way):
        inner = _inside(found, step)
        if inner is None:
            before = ".".join(way[:number]) or "the blueprint"
            return f"There is no '{step}' in {before}.", suggestion(step, _names(found))
        found = inner
    value = deepcopy(edit.value)  # later edits may change the copy, but not the edit itself
    if isinstance(found, list):
        return _make_in_list(found, last, value)
    if not isinstance(found, dict):
        return f"'{'.'.join(way)}' is a single value.", "Give the path of that value alone."
    if value is not None:
        found[last] = value
        return None
    if last not in found:
        return f"There is no '{last}' to remove.", suggestion(last, _names(found))
    removed = found.pop(last)
    if len(way) == 1:
        _forget(document, way[0], last, removed)
    return None


def _inside(found: Any, step: str) -> Any:
    if isinstance(found, list):
        return found[int(step)] if step.isdigit() and int(step) < len(found) else None
    return found.get(step) if isinstance(found, dict) else None


def _names(found: Any) -> list[str]:
    if isinstance(found, list):
        return [str(number) for number in range(len(found))]
    return list(found) if isinstance(found, dict) else []


def _make_in_list(items: list[Any], last: str, value: Any) -> tuple[str, str] | None:
    if last == APPEND:
        if value is None:
            return "Nothing can be appended to the list.", "Give a value."
        items.append(value)
        return None
    if not last.isdigit() or int(last) >= len(items):
        return f"The list has {len(items)} entries; '{last}' is not one of them.", "Count from 0, or write + to append."
    if value is None:
        del items[int(last)]
    else:
        items[int(last)] = value
    return None


def _forget(document: dict[str, Any], section: str, name: str, removed: Any) -> None:
    """Remove what rests on a removed entry.

    Challenges no longer name a removed insight, and scenes no longer ask a removed question. A challenge that has no insight
    left, the insight that a removed question proves, and the questions of a removed scene are removed too.
    """
    if section == "insights":
        _drop_from_challenges(document, name)
    elif section == "questions":
        for scene in _entries(document, "scenes").values():
            _drop(scene, "questions", name)
        for insight, written in list(_entries(document, "insights").items()):
            if isinstance(written, dict) and written.get("question") == name:
                _remove(document, "insights", insight)
    elif section == "scenes":
        for question in (removed.get("questions") or []) if isinstance(removed, dict) else []:
            if question in _entries(document, "questions"):
                _remove(document, "questions", question)


def _drop_from_challenges(document: dict[str, Any], insight: str) -> None:
    """Remove an insight from the challenges, and challenges that have no other, as long as one challenge is left."""
    challenges = document.get("challenges")
    if not isinstance(challenges, list):
        return
    for challenge in [
        each for each in challenges if isinstance(each, dict) and insight in (each.get("insights") or [])
    ]:
        _drop(challenge, "insights", insight)
        if not challenge["insights"] and len(challenges) > 1:
            challenges.remove(challenge)


def _remove(document: dict[str, Any], section: str, name: str) -> None:
    """Remove an entry that exists, and what rests on it."""
    _forget(document, section, name, document[section].pop(name))


def _entries(document: dict[str, Any], section: str) -> dict[str, Any]:
    found = document.get(section)
    return found if isinstance(found, dict) else {}


def _drop(entry: Any, field: str, name: str) -> None:
    if isinstance(entry, dict) and isinstance(entry.get(field), list):
        entry[field] = [other for other in entry[field] if other != name]


# --- slots -----------------------------------------------------------------------------------------------------------


def _words(document: dict[str, Any]) -> dict[str, list[str]]:
    """Slot -> its words."""
    slots = document.get("slots")
    return {
        name: [str(word.get("word") if isinstance(word, dict) else word) for word in slot.get("filled") or []]
        for name, slot in (slots.items() if isinstance(slots, dict) else ())
        if isinstance(slot, dict) and isinstance(slot.get("filled") or [], list)
    }


def _regroup(document: dict[str, Any], before: dict[str, list[str]]) -> None:
    """Update slots within other slots: words of a renamed group get its new name, words of a removed group are removed."""
    after = _words(document)
    for name, words in before.items():
        now = after.get(name, [])
        gone = {word for word in words if word not in now}
        renamed = {old: new for old, new in zip(words, now, strict=False) if old in gone and len(words) == len(now)}
        slots = document["slots"].values() if gone and isinstance(document.get("slots"), dict) else ()
        for slot in slots:
            if isinstance(slot, dict) and slot.get("within") == name and isinstance(slot.get("filled"), list):
                slot["filled"] = [
                    {**word, "group": renamed[group]} if group in renamed else word
                    for word in slot["filled"]
                    if (group := word.get("group") if isinstance(word, dict) else None) not in gone - {*renamed}
                ]
