"""Legal forms in names of companies: "Nordhof GmbH & Co. KG" is called Nordhof.

cleanco knows the forms that follow a name in Latin letters. Forms before a name, and those of other scripts, it does not know;
they are listed here. Its countries of legal forms are not used: it takes "SRL" for Dominican, and "p.l.c." for Austrian.
"""

import re

_BEFORE = re.compile(
    r"^(?:株式会社|有限会社|合同会社|一般社団法人|医療法人社団|医療法人|社会福祉法人|学校法人|\(株\)|㈱|\(주\)|㈜|주식회사|유한회사"
    r"|PT\.?|CV\.?|ООО|ТОО|ОАО|ЗАО|ПАО|АО|ИП|ТОВ|شركة)\s+(?=\S)|^(?:株式会社|有限会社|合同会社|医療法人社団|医療法人|주식회사|\(주\)|㈜)",
    re.I,
)
_AFTER = re.compile(
    r"\s*(?:株式会社|有限会社|合同会社|\(株\)|㈱|\(주\)|㈜|주식회사|有限公司|股份有限公司|ذ\.?م\.?م\.?|ش\.?م\.?م\.?"
    r"|,?\s(?:sp\.?\s?z\s?o\.?\s?o\.?|s\.r\.o\.|a\.s\.|Kft\.?|Zrt\.?|d\.o\.o\.|Lda\.?|e\.\s?K\.|e\.\s?U\.|e\.\s?V\.|OG|ApS|SRL|SAS|SASU|EURL|S\.?C\.?S\.?))$",
    re.I,
)
_PART_OF_NAME = re.compile(r"(?:&|und|and|et)\s+(?:co|company|cie)\.?$|\b(?:company|co|group|partners)\.?$", re.I)


def without_legal_form(name: str) -> str:
    """The name without its legal form, before or after it; a name that would be empty is kept as it is."""
    from cleanco import basename

    bare = _AFTER.sub("", _BEFORE.sub("", name.strip())).strip(" ,")
    shorter = bare if _PART_OF_NAME.search(bare) else basename(bare).strip(" ,&")
    if bare.removeprefix(shorter).lstrip().startswith("&"):  # "Hotel & Spa" is no S.p.A.
        return bare
    return shorter or bare or name
