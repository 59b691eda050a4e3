"""What calls of Claude took: tokens, seconds and money."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Document

Outcome = Literal["answered", "refused", "cut off", "malformed", "broken off"]
"""How a call that was paid ended. Only one that was answered is of use."""


class ClaudeCall(Document):
    """One call that the service has charged for."""

    part: str = Field(description="what was asked for, such as 'tables'")
    model: str
    prompt: str = Field(description="name and version of the prompt")
    outcome: Outcome
    input_tokens: int = Field(
        ge=0, description="tokens that were read and neither written to nor read from the prompt cache"
    )
    cache_write_tokens: int = Field(default=0, ge=0, description="tokens that were written to the prompt cache")
    cache_read_tokens: int = Field(default=0, ge=0, description="tokens that were read from the prompt cache")
    output_tokens: int = Field(ge=0)
    seconds: float = Field(ge=0, description="from the request to the end of its answer, retries before it left out")
    usd: float | None = Field(default=None, ge=0, description="US dollars; null: the price of the model is not known")


class ClaudeUsage(Document):
    """What several calls took together."""

    calls: int = Field(default=0, ge=0, description="calls that were paid")
    reused: int = Field(default=0, ge=0, description="answers that an earlier run had paid")
    retries: int = Field(default=0, ge=0, description="calls that failed and were made again")
    input_tokens: int = Field(default=0, ge=0, description="all tokens that were read, from the prompt cache or not")
    output_tokens: int = Field(default=0, ge=0)
    seconds: float = Field(default=0.0, ge=0, description="of all calls together; calls side by side count each")
    usd: float | None = Field(default=0.0, ge=0, description="US dollars; null: the price of a model is not known")

    def told(self) -> str:
        """The figures in a line, for people."""
        money = "price unknown" if self.usd is None else f"{self.usd:.3f} USD"
        return (
            f"{self.calls} calls, {self.reused} answers reused, {self.input_tokens:,} tokens read, "
            f"{self.output_tokens:,} written, {money}"
        )

    def figures(self, part: str = "") -> dict[str, float | int | str]:
        """The figures by name, as a stage shows them: Dagster draws the numbers over time.

        Args:
            part: whose figures they are; empty: those of the whole stage, which alone counts reused answers and repeated calls.
        """
        of = f"Claude, {part}" if part else "Claude"
        taken = {
            f"{of}: calls": self.calls,
            f"{of}: tokens read": self.input_tokens,
            f"{of}: tokens written": self.output_tokens,
            f"{of}: seconds": self.seconds,
            f"{of}: USD": "price unknown" if self.usd is None else self.usd,
        }
        return taken if part else {**taken, f"{of}, answers reused": self.reused, f"{of}, calls repeated": self.retries}


def usage_of(calls: Iterable[ClaudeCall], *, reused: int = 0, retries: int = 0) -> ClaudeUsage:
    """Add calls up.

    Args:
        calls: that were paid.
        reused: answers that took no call.
        retries: calls that failed unpaid.
    """
    paid = list(calls)
    prices = [call.usd for call in paid]
    return ClaudeUsage(
        calls=len(paid),
        reused=reused,
        retries=retries,
        input_tokens=sum(call.input_tokens + call.cache_write_tokens + call.cache_read_tokens for call in paid),
        output_tokens=sum(call.output_tokens for call in paid),
        seconds=round(sum(call.seconds for call in paid), 3),
        usd=None if None in prices else round(sum(price for price in prices if price is not None), 6),
    )
