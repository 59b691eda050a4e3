"""What a plan by Claude takes, before it is asked: from the texts that are sent, and answers of the usual length."""

import json
from dataclasses import dataclass

from provisioning_assets.claude.costs import dollars
from provisioning_assets.planning.plan_material import SITE_CHARACTERS
from provisioning_assets.planning.plan_parts import PARTS, answer_schema

CHARACTERS_OF_A_TOKEN = 3.5
"""Of English and of JSON, about. Claude's own count is in the metadata of ``demo_blueprint`` after a run."""

OWN_TOKENS = 1_500
"""Of a call's own text: what earlier parts have changed."""

ROUND_TOKENS = 500
"""Of a correction: the faults, and what repairs them. One for each part is expected."""

SECONDS_A_TOKEN = 1 / 80
"""Of an answer. Source: the service's usual speed for Sonnet, 80 tokens a second."""


@dataclass(frozen=True)
class ExpectedUsage:
    """Tokens of a whole plan, one correction a part included.

    Args:
        calls: that are made.
        cache_write: tokens that are written to the prompt cache.
        cache_read: tokens that are read from it.
        input: other tokens that are read.
        output: tokens that are written.
    """

    calls: int
    cache_write: int
    cache_read: int
    input: int
    output: int

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.cache_write + self.cache_read + self.input + self.output

    def usd(self, model: str) -> float | None:
        """US dollars; None if the price of the model is not known."""
        return dollars(
            model, input=self.input, output=self.output, cache_write=self.cache_write, cache_read=self.cache_read
        )


def expected_usage(prompt_characters: int, shared_characters: int | None) -> ExpectedUsage:
    """Return what a plan is expected to take.

    Args:
        prompt_characters: of the instructions.
        shared_characters: of profile, pages and blueprint; None: the website has not been read.
    """
    shared = shared_characters if shared_characters is not None else SITE_CHARACTERS + BLUEPRINT_CHARACTERS
    schema = len(json.dumps(answer_schema()))
    prefix = round((schema + prompt_characters + shared) / CHARACTERS_OF_A_TOKEN)
    calls = 2 * len(PARTS)
    answers = sum(part.answer_tokens for part in PARTS.values())
    return ExpectedUsage(
        calls=calls,
        cache_write=prefix,
        cache_read=(calls - 1) * prefix,
        input=calls * OWN_TOKENS + answers + len(PARTS) * ROUND_TOKENS,
        output=answers + len(PARTS) * ROUND_TOKENS,
    )


BLUEPRINT_CHARACTERS = 50_000
"""Of a filled blueprint as it is shown, about; those of the project have 37,000 to 62,000."""
