"""What a CE corrects after a look at the words that came from the customer's website, as stored in a request."""

import json
from datetime import date
from typing import Annotated

from pydantic import Field, ValidationError, field_validator

from provisioning_assets.artefact import Document
from provisioning_assets.errors import ProvisioningError

LONGEST_WORD = 80  # characters
MOST_WORDS = 200

Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD)]

CORRECTIONS_HELP = (
    'Give an object such as {"company_name": "Acme", "country": "DE", "dropped": ["Donate"], '
    '"used": {"services": ["Roofing", "Gutters"]}}.'
)


class Confirmation(Document):
    """A person's confirmation that the customer's words are right."""

    by: Annotated[str, Field(min_length=1, max_length=80)]
    on: date
    words: str = Field(description="digest of the words that were looked at; other words are not confirmed by it")


class Corrections(Document):
    """Corrections of what was read from the website. Empty fields correct nothing."""

    company_name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2")
    dropped: list[Word] = Field(default_factory=list, max_length=MOST_WORDS, description="words that must not be shown")
    used: dict[str, list[Word]] = Field(
        default_factory=dict, description="name of a slot -> words that fill it instead of those of the website"
    )
    confirmed: Confirmation | None = None

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, value: str | None) -> str | None:
        from babel import Locale

        if value is None:
            return None
        code = value.strip().upper()
        if len(code) != 2 or not code.isalpha() or code not in Locale.parse("en").territories:
            raise ValueError(f"{value!r} is not a country; give two letters, such as DE or US")
        return code

    def changed(
        self,
        *,
        company_name: str | None = None,
        country: str | None = None,
        dropped: tuple[str, ...] = (),
        used: dict[str, list[str]] | None = None,
        confirmed: Confirmation | None = None,
    ) -> "Corrections":
        """Return these corrections with further ones. A word that is now chosen is removed from the dropped words.

        Raises:
            ProvisioningError: a value is not accepted.
        """
        latest = confirmed or self.confirmed
        again = {word.casefold() for words in (used or {}).values() for word in words}
        return read_corrections(
            {
                "company_name": company_name or self.company_name,
                "country": country or self.country,
                "dropped": [word for word in dict.fromkeys([*self.dropped, *dropped]) if word.casefold() not in again],
                "used": {**self.used, **(used or {})},
                "confirmed": latest.model_dump(mode="json") if latest else None,
            }
        )


def read_corrections(given: object) -> Corrections:
    """Read corrections given as an object or as JSON text.

    Raises:
        ProvisioningError: they cannot be read; the message says which field is wrong.
    """
    if isinstance(given, Corrections):
        return given
    try:
        return Corrections.model_validate(json.loads(given) if isinstance(given, str) else given)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "they"
        raise ProvisioningError(
            f"The corrections cannot be read: {where}: {problem['msg']}.", CORRECTIONS_HELP
        ) from error
    except ValueError as error:
        raise ProvisioningError("The corrections are not JSON.", CORRECTIONS_HELP) from error
