"""What calls cost, from the dated table of prices."""

from provisioning_assets.prices import Price, read_prices

BYTES_A_TOKEN = 2
"""Bytes of UTF-8 that a token has at least, on average over a text: English has about four, Japanese about two. Taken for the
most that a call can cost before it is made."""

SCHEMA_TOKENS = 1_000
"""Tokens that the service adds to a call for the use of a tool, generously."""


def token_price(model: str, kind: str, prompt_tokens: int) -> Price | None:
    """Return the price of a model's tokens.

    Args:
        model: as the service calls it.
        kind: ``input``, ``cache_write``, ``cache_read`` or ``output``.
        prompt_tokens: tokens of the whole prompt: some models cost more above a number of them.

    Returns:
        the price; None if the table has none.
    """
    found = [one for one in read_prices() if one.id == f"{model}.{kind}" and one.above_prompt_tokens <= prompt_tokens]
    return max(found, key=lambda price: price.above_prompt_tokens, default=None)


def dollars(model: str, *, input: int, output: int, cache_write: int = 0, cache_read: int = 0) -> float | None:
    """Return what tokens cost in US dollars; None if a price that is needed is not known."""
    counts = {"input": input, "output": output, "cache_write": cache_write, "cache_read": cache_read}
    prompt = input + cache_write + cache_read
    total = 0.0
    for kind, count in counts.items():
        if count == 0:
            continue
        price = token_price(model, kind, prompt)
        cost = None if price is None else price.of(count)
        if cost is None:
            return None
        total += cost
    return total


def most_dollars(model: str, prompt_bytes: int, longest_answer_tokens: int) -> float | None:
    """Return the most that a call can cost in US dollars; None if the price is not known.

    Args:
        model: as the service calls it.
        prompt_bytes: bytes of everything that is sent.
        longest_answer_tokens: the limit that is sent with it.
    """
    prompt = prompt_bytes // BYTES_A_TOKEN + SCHEMA_TOKENS
    # everything could be written to the prompt cache, which costs more than being read
    return dollars(model, input=0, cache_write=prompt, output=longest_answer_tokens)
