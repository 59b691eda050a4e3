"""The JSON schema of a blueprint file: for completion in an editor, and for a language model that writes a blueprint.

It lists the fields, their types and their meaning. ``provision blueprint check`` reports problems across fields: names that
do not exist, several generators in a column, wrong SQL.
"""

import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from provisioning_assets.planning.blueprint import LEAST_ENTRIES, Blueprint

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def blueprint_schema() -> dict[str, Any]:
    """The schema of a blueprint file, JSON Schema draft 2020-12."""
    return {"$schema": DIALECT, **Blueprint.model_json_schema(schema_generator=_BlueprintSchema)}


class _BlueprintSchema(GenerateJsonSchema):
    """Pydantic's schema, reduced to what an author may write."""

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        found = super().generate(schema, mode)
        definitions = found.get("$defs", {})
        for name, least in LEAST_ENTRIES.items():
            field = found["properties"][name]
            field["minProperties" if "minProperties" in field else "minItems"] = least
        for part in (found, *definitions.values()):
            for field in part.get("properties", {}).values():
                _drop_null(field)
                _take_over_description(field, definitions)
        return _as_markdown(found)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  (pydantic's signature)
        """Always False, because a field's title would only repeat its name."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        return {**found, "title": _title(schema["cls"].__name__)}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """``anyOf`` of the forms, which every editor and model service supports; the content shows which form is meant."""
        forms = [self.generate_inner(choice) for choice in schema["choices"].values()]
        return self.get_union_of_schemas(forms)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """An object with free keys and typed values; ``propertyNames`` has the pattern of the keys, if they have one."""
        found: dict[str, Any] = {"type": "object"}
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        if "pattern" in keys:
            found["propertyNames"] = {"pattern": keys["pattern"]}
        found["additionalProperties"] = (
            self.generate_inner(schema["values_schema"]) if "values_schema" in schema else True
        )
        self.update_with_validations(found, schema, self.ValidationsMapping.object)
        return found


def _drop_null(field: dict[str, Any]) -> None:
    """Remove null from an optional field's types: authors leave the field out instead of writing null."""
    if field.get("default", ...) is not None:
        return
    del field["default"]
    forms = [form for form in field.pop("anyOf", []) if form != {"type": "null"}]
    field.update(forms[0] if len(forms) == 1 else {"anyOf": forms})


def _take_over_description(field: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Give a field without a description the description of the part that it contains."""
    forms = field.get("anyOf", [field])
    parts = [form["$ref"].rsplit("/", 1)[-1] for form in forms if "$ref" in form]
    if "description" not in field and len(parts) == 1:
        field["description"] = definitions[parts[0]]["description"]


def _title(class_name: str) -> str:
    """``BlueprintColumn`` -> ``Column``, ``RowsByState`` -> ``Rows by state``."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", class_name).split()
    kept = [word for word in words if len(words) == 1 or word not in ("Blueprint", "Settings")]
    return " ".join(kept).capitalize()


def _as_markdown(value: Any) -> Any:
    """Descriptions as editors show them: one line per paragraph, and names in single backticks."""
    if isinstance(value, list):
        return [_as_markdown(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _paragraphs(item) if key == "description" and isinstance(item, str) else _as_markdown(item)
        for key, item in value.items()
    }


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.replace("``", "`").split("\n\n"))
