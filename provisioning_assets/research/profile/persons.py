"""Recognises names of persons, which are never something a company sells."""

import re
from functools import lru_cache

from faker.providers.person.de_DE import Provider as GermanPerson
from faker.providers.person.en_US import Provider as AmericanPerson

_TITLE = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Prof|Herr|Frau|Dipl)\b\.?|\b[A-Z]\.\s[A-Z]|\b[A-Z][a-z]+ [A-Z]\. [A-Z]|\b(?:Esq"
    r"|CEO|CFO|MD|PhD)\b"
)


def is_person(label: str) -> bool:
    """Whether a label looks like a person's name: a title, an initial, or a first name before one or two more names."""
    if _TITLE.search(label):
        return True
    words = label.split()
    return (
        2 <= len(words) <= 3
        and all(word[:1].isupper() and word.replace("-", "").replace(".", "").isalpha() for word in words)
        and words[0].lower() in _first_names()
    )


@lru_cache(maxsize=1)
def _first_names() -> frozenset[str]:
    # first names that are also everyday words in offerings
    everyday = frozenset(
        {"autumn", "summer", "rose", "joy", "art", "will", "mark", "grant", "chase", "dale", "glen", "may", "june"}
        | {"april", "ivy", "lily", "olive", "jasmine", "ruby", "pearl", "amber", "crystal", "ginger", "cliff", "bill"}
        | {"frank", "christian", "holly", "destiny", "hope", "faith", "grace", "heather", "hunter", "mason", "carter"}
        | {"cooper", "taylor", "savannah", "dallas", "harbor", "harbour", "cedar", "juniper", "willow", "laurel"}
    )
    names: set[str] = set()
    for provider in (AmericanPerson, GermanPerson):
        for kind in ("first_names", "first_names_male", "first_names_female"):
            names.update(str(name).lower() for name in getattr(provider, kind, ()))
    return frozenset(names - everyday)
