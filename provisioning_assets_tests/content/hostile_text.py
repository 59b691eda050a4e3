"""A demo in which every free text is hostile, as a customer's website might make it."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from provisioning_assets.content.demo import Demo
from provisioning_assets_tests.content.sample_demo import sample_demo

#: What tries to leave each place a text can stand in: element, attribute, style, script, comment, address, template.
#: Each sets a flag that a browser test looks for, or asks for an address that no page may ask for.
PAYLOADS = [
    "<script>window.pwned=1</script>",
    "\"><img src=x onerror=\"window.pwned=1;alert(1)\">",
    "' onmouseover='window.pwned=1' onfocus=window.pwned=1 autofocus='",
    "</title></style></script><script>window.pwned=1</script><style>",
    "<svg/onload=window.pwned=1><image href='https://evil.example/x.png'/></svg>",
    "javascript:window.pwned=1",
    "{{ 7*7 }}{% raw %}{{ self.__init__ }}",
    "url(https://evil.example/x.png);}*{background:url('https://evil.example/y.png')}",
    "--><iframe src=https://evil.example></iframe><!--",
    "<meta http-equiv=refresh content='0;url=https://evil.example'><base href='https://evil.example/'>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;&#60;script&#62;",
    "data:text/html,<script>window.pwned=1</script>",
    "\u202egnp.exe\u2066 \x00\x1b[31m مرحبا 日本語 " + "ニ" * 300,
    "https://evil.example/\"onclick=\"window.pwned=1",
]  # fmt: skip

#: Texts by which artefacts refer to each other: hostile ones would only make the page empty.
REFERRING = frozenset({"id", "query_id", "insight_id", "insight_ids", "question_ids", "dropped_query_ids"})

SomeModel = TypeVar("SomeModel", bound=BaseModel)


def hostile_demo(payloads: list[str]) -> Demo:
    """The sample demo with its texts replaced in turn by the payloads, wherever its models accept them."""
    supply = _Supply(payloads)
    return Demo._make(poisoned(artefact, supply) for artefact in sample_demo())


class _Supply:
    def __init__(self, payloads: list[str]) -> None:
        self._payloads = payloads
        self._next = 0

    def take(self) -> str:
        self._next += 1
        return self._payloads[self._next % len(self._payloads)]


def poisoned(document: SomeModel, supply: _Supply) -> SomeModel:
    """A copy whose texts are payloads, where the field's own rules allow."""
    changed: dict[str, Any] = {}
    for name in type(document).model_fields:
        value = getattr(document, name)
        wanted = value if name in REFERRING else _poisoned_value(value, supply)
        changed[name] = wanted if _accepted(document, name, wanted) else value
    return document.model_copy(update=changed)


def _poisoned_value(value: Any, supply: _Supply) -> Any:
    if isinstance(value, BaseModel):
        return poisoned(value, supply)
    if type(value) is str:
        return supply.take()
    if isinstance(value, list):
        return [_poisoned_value(part, supply) for part in value]
    if isinstance(value, dict):
        return {key: _poisoned_value(part, supply) for key, part in value.items()}
    return value


def _accepted(document: BaseModel, name: str, value: Any) -> bool:
    """Whether an artefact with this value could be read from the store."""
    dumped = document.model_dump() | {name: value if not isinstance(value, BaseModel) else value.model_dump()}
    try:
        type(document).model_validate(dumped)
    except ValidationError:
        return False
    return True
