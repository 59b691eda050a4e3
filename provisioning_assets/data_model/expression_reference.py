"""The tables of docs/row-expressions.md that are made from the code; run this module with ``python -m`` to print them."""

from provisioning_assets.data_model.expression_functions import DATE_FIELDS, FUNCTIONS, BuiltIn, Kind, Result

ARGUMENTS: dict[Kind, str] = {
    "number": "a number or money",
    "whole number": "INT64",
    "digits": "a constant from 0 to 15",
    "text": "STRING",
    "written text": "a constant text in quotes",
    "date": "DATE or DATETIME",
    "moment": "DATETIME",
    "any": "any type",
}

RESULTS: dict[Result, str] = {
    "STRING": "STRING",
    "INT64": "INT64",
    "FLOAT64": "FLOAT64",
    "DATE": "DATE",
    "the arguments": "the type of its arguments",
    "rounded": "INT64; NUMERIC of NUMERIC; FLOAT64 with digits",
    "the date": "the type of d",
}


def functions_table() -> str:
    """Return the table of functions: signature, types of the arguments and of the result, meaning."""
    rows = ["| function | takes | gives | |", "|---|---|---|---|"]
    for function in FUNCTIONS.values():
        gives = "INT64; NUMERIC of NUMERIC" if function.name in ("floor", "ceil") else RESULTS[function.result]
        rows.append(f"| `{function.signature}` | {_takes(function)} | {gives} | {function.description} |")
    return "\n".join(rows)


def fields_table() -> str:
    """Return the table of the fields of ``extract``."""
    return "\n".join(["| field | |", "|---|---|", *(f"| `{name}` | {words} |" for name, words in DATE_FIELDS.items())])


def _takes(function: BuiltIn) -> str:
    """Return the parameters with their types, like ``s: STRING; n: INT64``; parameters of one type are listed together."""
    names: dict[str, list[str]] = {}
    for parameter in function.parameters:
        names.setdefault(ARGUMENTS[parameter.kind], []).append(parameter.name)
    return "; ".join(f"{', '.join(each)}: {kind}" for kind, each in names.items())


if __name__ == "__main__":
    print(functions_table(), fields_table(), sep="\n\n")
