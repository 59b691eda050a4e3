"""A whole exchange with Claude about a retailer: the pages, the profile, and an answer to each part, written by hand."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from provisioning_assets.research.profile.models import CustomerProfile
from provisioning_assets.research.website.models import Brand, CustomerWebsite, FetchedBy, WebPage
from provisioning_assets_tests.claude_service import Reply
from provisioning_assets_tests.planning.conftest import facts, places, profile

HOME = "https://acme.com/"
ABOUT = "https://acme.com/about"

HOME_TEXT = "Acme sells garden furniture and lighting. Choose Outdoor Lighting, Garden Seating, Parasols or Planters."
ABOUT_TEXT = """We’ve built garden furniture in Bristol since 1987.  Most of it is
assembled at the customer's home by our own crews."""

CREWS = "Most of it is assembled at the customer's home by our own crews."
STORY = """{company} brings garden furniture to the customer and assembles it there. Its revenue looks healthy, but assembly takes
longer than it did."""


def website(*more: WebPage) -> CustomerWebsite:
    pages = [
        WebPage(url=HOME, fetched_by=FetchedBy.HTTP, status=200, title="Acme", text=HOME_TEXT),
        WebPage(url=ABOUT, fetched_by=FetchedBy.HTTP, status=200, title="About Acme", text=ABOUT_TEXT),
    ]
    return CustomerWebsite(
        url=HOME, fetched_at=datetime(2026, 11, 20, tzinfo=UTC), pages=[*pages, *more], brand=Brand()
    )


def garden_shop() -> CustomerProfile:
    return profile(
        company_name="Acme",
        country="GB",
        currency="GBP",
        product_categories=facts("Outdoor Lighting", "Garden Seating", "Parasols", page=HOME),
        places=places("Bristol", "Leeds", "Cardiff"),
    )


TABLES: dict[str, Any] = {
    "words": {
        "categories": [
            {"word": "Outdoor Lighting", "page": HOME, "quotation": "Choose Outdoor Lighting, Garden Seating"},
            {"word": "Garden Seating", "page": HOME, "quotation": "Outdoor Lighting, Garden Seating, Parasols"},
            {"word": "Parasols", "page": HOME, "quotation": "Garden Seating, Parasols or Planters"},
            {"word": "Planters", "page": HOME, "quotation": "Parasols or Planters"},
        ],
        "products": [
            {"word": f"{adjective} {noun}", "group": group}
            for group, noun in (
                ("Outdoor Lighting", "Lantern"),
                ("Garden Seating", "Bench"),
                ("Parasols", "Parasol"),
                ("Planters", "Planter"),
            )
            for adjective in ("Teak", "Slate", "Linen", "Copper")
        ],
    },
    "tables": {
        "assemblies": {
            "description": "Visits of the assembly crews to customers. One row for each order that is assembled.",
            "synonyms": ["installations", "crew visits"],
            "rows": {"parent": "orders", "where": "assembled_at is not null"},
            "event_time": "assembled_at",
            "rhythm": "machines",
            "columns": {
                "assembly_id": {"key": 400001},
                "order_id": {"parent": True},
                "assembled_at": {
                    "from": "order_id.assembled_at",
                    "description": "When the crew had finished",
                    "synonyms": ["installation date", "finished at"],
                },
                "crew_size": {
                    "category": {"Two people": 48, "Three people": 27, "One person": 25},
                    "description": "How many people the crew had",
                    "synonyms": ["people in the crew"],
                },
                "assembly_minutes": {
                    "lognormal": {"median": 55, "sigma": 0.35, "minimum": 10},
                    "decimals": 0,
                    "description": "Minutes that the crew worked at the customer's home",
                    "synonyms": ["working minutes", "time on site"],
                    "unit": "minutes",
                },
            },
        },
        "orders": {
            "helpers": {
                "assembled": {"flag": 0.3},
                "assembled_at": {
                    "after": {
                        "base": "delivered_at",
                        "unit": "hours",
                        "median": 30,
                        "sigma": 0.4,
                        "where": "assembled",
                        "hours": "warehouse",
                    }
                },
            }
        },
    },
}

INSIGHTS: dict[str, Any] = {
    "insights": {
        "long_assemblies": {
            "headline": "Crews of three now need {measured} minutes for an assembly, longer than crews of two",
            "explanation": "For about four months assemblies by crews of three have taken far longer than before.",
            "action": "Check which orders are given to crews of three, and what changed four months ago.",
            "expected": 117,
            "tolerance": 12,
            "unit": "minutes",
            "question": "assembly_minutes_by_crew",
            "read": {"column": "avg_minutes", "where": {"crew_size": "Three people"}},
            "effects": [
                {
                    "column": "assemblies.assembly_minutes",
                    "factor": 2,
                    "where": "crew_size = 'Three people'",
                    "from_days_ago": 130,
                }
            ],
        }
    },
    "questions": {
        "assembly_minutes_by_crew": {
            "question": "How many minutes does an assembly take by size of the crew, over the last 90 days?",
            "paraphrases": [
                "Average assembly minutes by crew size, last 90 days",
                "Which crews take longest for an assembly in the past 90 days?",
                "Working minutes of assemblies per crew size over the last 90 days",
            ],
            "complexity": "medium",
            "business_value": "Shows where crews lose time.",
            "sql": "SELECT crew_size, COUNT(*) AS assemblies, ROUND(AVG(assembly_minutes), 1) AS avg_minutes FROM assemblies "
            "WHERE {last 90 days of DATE(assembled_at)} GROUP BY crew_size ORDER BY avg_minutes DESC",
            "chart": {"mark": "bar", "x": "crew_size", "y": "avg_minutes"},
        }
    },
}

QUESTIONS: dict[str, Any] = {
    "questions": {
        "assemblies_by_month": {
            "question": "How many assemblies did the crews finish in each month?",
            "paraphrases": ["Assemblies by month", "Number of crew visits per month", "Monthly count of assemblies"],
            "complexity": "simple",
            "business_value": "Shows when crews are busy.",
            "sql": "SELECT DATE_TRUNC(DATE(assembled_at), MONTH) AS month, COUNT(*) AS assemblies FROM assemblies "
            "GROUP BY month ORDER BY month",
            "chart": {"mark": "line", "x": "month", "y": "assemblies"},
        }
    }
}


def story_of(challenges: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to the story: it keeps the challenges of the blueprint and adds one."""
    added = {
        "title": "Assembly that takes longer",
        "description": f"{CREWS} Crews of three need far longer than before.",
        "insights": ["long_assemblies"],
    }
    return {
        "title": "{company}: what happens in the customer's garden",
        "story": STORY,
        "challenges": [*challenges, added],
        "claims": [
            {
                "text": CREWS,
                "page": ABOUT,
                "quotation": "Most of it is assembled at the customer’s home by our own crews",
            }
        ],
    }


def scenes_of(scenes: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the scenes: those of the blueprint, and one about the crews."""
    crews = {
        "title": "In the garden",
        "minutes": 4,
        "talk_track": "Now the crews. Ask how long an assembly takes; crews of three stand out. Then how busy they are by month.",
        "questions": ["assembly_minutes_by_crew", "assemblies_by_month"],
    }
    return {"scenes": {**scenes, "crews": crews}}


def good_answers(blueprint: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Part -> an answer that passes all gates, for the filled blueprint of the retail trade."""
    return {
        "tables": TABLES,
        "insights": INSIGHTS,
        "questions": QUESTIONS,
        "story": story_of(blueprint["challenges"]),
        "scenes": scenes_of(blueprint["scenes"]),
    }


def asked_part(body: Mapping[str, Any]) -> str:
    """The part that a call asks for; empty if it is not a call of the planner."""
    own = body["messages"][0]["content"][-1]["text"]
    return own.partition("Write the part: ")[2].partition(".")[0]


def asked_round(body: Mapping[str, Any]) -> int:
    """How often faults of that part were sent back in a call."""
    return len(body["messages"]) // 2


def answering(answers: Mapping[str, Any]) -> Callable[[dict[str, Any]], Reply]:
    """Answer each part with its document, or with a reply, or with one of a list for each round."""

    def answer(body: dict[str, Any]) -> Reply:
        given = answers.get(asked_part(body), {})
        if isinstance(given, list):
            given = given[min(asked_round(body), len(given) - 1)]
        return given if isinstance(given, Reply) else Reply(given)

    return answer
