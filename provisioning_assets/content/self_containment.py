"""Checks that a page needs no other file or address. It parses the page as a browser does, whatever wrote it."""

import base64
import hashlib
import re

import lxml.html
import tinycss2
from lxml.etree import ParserError

# Attributes by which an element loads something, sends something or links elsewhere. <a href> is checked separately.
LOADING_ATTRIBUTES = frozenset(
    {
        "action", "background", "cite", "classid", "codebase", "data", "formaction", "href", "icon", "imagesrcset",
        "longdesc", "manifest", "ping", "poster", "profile", "src", "srcdoc", "srcset", "usemap", "xlink:href",
    }
)  # fmt: skip
FORBIDDEN_ELEMENTS = frozenset(
    {"applet", "audio", "base", "embed", "fencedframe", "foreignobject", "form", "frame", "frameset", "iframe", "link",
     "math", "object", "portal", "source", "template", "track", "video"}
)  # fmt: skip
_PICTURE = re.compile(r"data:image/(png|jpeg|webp|gif|svg\+xml);base64,[A-Za-z0-9+/=]+")
_LINK_TO = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
# A page of the same customer in a neighbouring folder: ../quality/index.html.
_PAGE_BESIDE = re.compile(r"\.\./[a-z]+/index\.html")
_DIGEST_IN_POLICY = re.compile(r"'(sha256-[A-Za-z0-9+/=]+)'")


def containment_problems(html: str) -> list[str]:
    """Return the reasons why the page is not self-contained or not safe; empty if it is both.

    It finds: elements and attributes that load or send, event handlers, inline styles, style sheets that import or
    contain an address, links that lead neither to http(s) nor to a neighbouring page, links that give the opened page
    access to this one, and a content security policy that is missing, allows a request, or does not contain the digests
    of the page's script and style.
    """
    try:
        # The parser requires bytes if a text declares its encoding.
        document = lxml.html.document_fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except ParserError:
        return ["the page is empty"]
    problems: list[str] = []
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.lower()
        if tag in FORBIDDEN_ELEMENTS:
            problems.append(f"<{tag}> at line {element.sourceline}")
        for name, value in element.attrib.items():
            problems += _attribute_problems(tag, str(name).lower(), str(value).strip(), element.sourceline or 0)
        if tag == "a" and _LINK_TO.fullmatch(element.get("href", "").strip()):
            related = set((element.get("rel") or "").split())
            problems += [
                f"<a> to {element.get('href')} without rel={word}"
                for word in ("noopener", "noreferrer")
                if word not in related
            ]
        if tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            problems.append(f"<meta http-equiv=refresh> at line {element.sourceline}")
        if tag == "style":
            problems += _style_problems(element.text or "")
    return problems + _policy_problems(document)


def _attribute_problems(tag: str, name: str, value: str, line: int) -> list[str]:
    if name.startswith("on"):
        return [f"{name} handler on <{tag}> at line {line}"]
    if name == "style":
        return [f"style attribute on <{tag}> at line {line}"]
    if name not in LOADING_ATTRIBUTES or value.startswith("#"):
        return []
    if tag == "img" and name == "src" and _PICTURE.fullmatch(value):
        return []
    if tag == "a" and name == "href" and (_LINK_TO.fullmatch(value) or _PAGE_BESIDE.fullmatch(value)):
        return []
    return [f"{name}={value[:60]!r} on <{tag}> at line {line}"]


def _style_problems(css: str) -> list[str]:
    """Return a problem for every address anywhere in a style sheet."""
    problems = []
    waiting = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    while waiting:
        token = waiting.pop()
        if token.type == "at-rule" and token.lower_at_keyword in ("import", "font-face", "namespace"):
            problems.append(f"@{token.lower_at_keyword} in the style sheet")
        named = token.type == "url" or (
            token.type == "function" and token.lower_name in ("url", "src", "image", "image-set", "-webkit-image-set")
        )
        if named:
            problems.append(f"{tinycss2.serialize([token])[:60]} in the style sheet")
        for part in ("prelude", "content", "arguments"):
            waiting += getattr(token, part, None) or []
    return problems


def _policy_problems(document: lxml.html.HtmlElement) -> list[str]:
    policies = [
        meta.get("content", "")
        for meta in document.iter("meta")
        if (meta.get("http-equiv") or "").lower() == "content-security-policy"
    ]
    if len(policies) != 1:
        return [f"{len(policies)} content security policies; there must be one"]
    rules: dict[str, str] = {}
    for rule in policies[0].split(";"):
        name, _, value = rule.strip().partition(" ")
        rules.setdefault(name.lower(), value)
    problems = [
        f"the policy says {name} {rules.get(name)!r}, not {wanted!r}"
        for name, wanted in [
            ("default-src", "'none'"),
            ("img-src", "data:"),
            ("base-uri", "'none'"),
            ("form-action", "'none'"),
        ]
        if rules.get(name) != wanted
    ]
    for tag in ("style", "script"):
        named = rules.get(f"{tag}-src", "")
        known = set(_DIGEST_IN_POLICY.findall(named))
        if _DIGEST_IN_POLICY.sub("", named).strip():
            problems.append(f"the policy allows {tag}s other than by digest: {named[:80]}")
        for element in document.iter(tag):
            digest = base64.b64encode(hashlib.sha256((element.text or "").encode()).digest()).decode()
            if f"sha256-{digest}" not in known:
                problems.append(f"a <{tag}> at line {element.sourceline} is not the one the policy names")
    return problems
