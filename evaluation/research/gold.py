"""What a person read on a website: the words that are right, acceptable and wrong."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from provisioning_assets.research.profile.labels import comparable


class Gold(BaseModel):
    """One site as a person read it. Words are as the site writes them; case and punctuation do not matter."""

    model_config = ConfigDict(extra="ignore")

    slug: str = Field(description="folder of the site's saved pages")
    host: str | None = None
    company_name: str
    also_known_as: list[str] = []
    industries: list[str] = Field(description="acceptable ids, the best first")
    country: list[str] = Field(description="acceptable codes, ISO 3166-1; empty: the site does not say")
    currency: str
    language: str = ""
    offerings: list[str] = []
    offerings_also_ok: list[str] = []
    segments: list[str] = []
    segments_also_ok: list[str] = []
    places: list[str] = []
    places_also_ok: list[str] = []
    never: list[str] = []
    prices: dict[str, float] = {}
    note: str = ""

    def right(self, kind: str) -> set[str]:
        """The right words of a kind (``offerings``, ``segments``, ``places``), comparable."""
        return {comparable(word) for word in getattr(self, kind)}

    def accepted(self, kind: str) -> set[str]:
        """The right and the acceptable words of a kind, comparable."""
        return self.right(kind) | {comparable(word) for word in getattr(self, f"{kind}_also_ok")}


def read_gold(file: Path) -> list[Gold]:
    """The sites of a ``.jsonl`` file, in its order."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [Gold.model_validate_json(line) for line in lines if line.strip()]
