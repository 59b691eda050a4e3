"""The results of the quality room: every measurement with its bound, and where the bound comes from."""

from typing import Literal

from pydantic import Field

from provisioning_assets.artefact import Artefact, Document
from provisioning_assets.figure_text import figure, is_currency


class CoherenceResult(Document):
    """One thing that must hold exactly in the tables, and how often it does not."""

    kind: Literal[
        "key_unique",
        "reference_resolves",
        "rollup_equals_children",
        "expression_holds",
        "has_required_children",
        "distinct_in_parent",
        "in_order",
        "not_after_as_of",
        "last_days_populated",
        "ids_grow_with_time",
        "numbers_without_holes",
        "email_is_plausible",
        "versions_do_not_overlap",
        "states_in_order",
        "current_is_last",
        "as_it_was",
        "renewals_on_their_day",
        "first_of_all",
        "on_schedule",
        "in_state",
        "address_is_near",
    ]
    table: str
    column: str
    rule: str = Field(description="what must hold, in words")
    violations: int = Field(description="number of rows, keys, parents or days for which it does not hold")


class LawResult(Document):
    """One of the trade's own laws, and the rows that break it."""

    id: str
    says: str = Field(description="what must hold, in words")
    violations: int | None = Field(
        default=None, description="number of rows that break it; null if its query could not be executed"
    )
    columns: list[str] = Field(
        default_factory=list, description="columns of the examples; only the first few if there are many"
    )
    examples: list[list[str]] = Field(default_factory=list, description="the first rows that break it, as text")
    error: str | None = Field(default=None, description="why its query could not be executed")

    def holds(self) -> bool:
        """Whether it was executed and no row breaks it."""
        return self.violations == 0

    def failure(self) -> str:
        """What is wrong, in one sentence; only of a law that does not hold."""
        if self.violations is None:
            return f"{self.id}: {self.says}: this could not be checked. {self.error or ''}".strip()
        rows = "1 row breaks" if self.violations == 1 else f"{self.violations:,} rows break"
        return f"{self.id}: {self.says}: {rows} it"


class RelationResult(Document):
    """One relation of the trade: a figure, and the range in which it is plausible."""

    id: str
    says: str = Field(description="what goes with what, in words")
    figure: float | None = Field(default=None, description="in `unit`; null if its query could not be executed")
    parts: dict[str, float | None] = Field(
        default_factory=dict, description="the numbers that the figure is made of: the further columns of its query"
    )
    unit: str | None = Field(default=None, description="unit of the figure; null if it is a plain number")
    lowest: float = Field(description="of the range, inclusive")
    highest: float = Field(description="of the range, inclusive")
    source: str = Field(description="where the range comes from")
    error: str | None = Field(default=None, description="why there is no figure")

    def holds(self) -> bool:
        """Whether there is a figure, and it lies in its range."""
        return self.figure is not None and self.lowest <= self.figure <= self.highest

    def shown(self) -> str:
        """The figure with its unit; a dash if there is none."""
        return figure(self.figure, self.unit or "")

    def range_shown(self) -> str:
        """``0.1 to 0.7``, ``1 to 12 hours``, ``€5.00 to €20.00``."""
        unit = self.unit or ""
        return f"{figure(self.lowest, unit if is_currency(unit) else '')} to {figure(self.highest, unit)}"

    def failure(self) -> str:
        """What is wrong, in one sentence; only of a relation that does not hold."""
        if self.figure is None:
            return f"{self.id}: {self.says}: this could not be measured. {self.error or ''}".strip()
        side = "below" if self.figure < self.lowest else "above"
        return (
            f"{self.id}: {self.says}: it is {self.shown()}, {side} the plausible {self.range_shown()} ({self.source})"
        )


class RealismResult(Document):
    """One property of real data, measured. Shares are 0-1, ratios plain numbers."""

    check: str = Field(description="what is measured, e.g. top_fifth_share; the names are those of quality/realism.py")
    table: str
    column: str | None
    says: str = Field(description="what it means, in words")
    measured: float
    allowance: float = Field(
        default=0.0,
        description="two standard errors of `measured`; a figure that misses its bound by at most this passes",
    )
    lowest: float | None = Field(default=None, description="bound, inclusive")
    highest: float | None = Field(default=None, description="bound, inclusive")
    real_sets: str | None = Field(default=None, description="what two real data sets have, e.g. 0.68 / 0.75")
    source: str = Field(description="where the bound comes from; for a bound that the table sets, its reason")
    rows: int = Field(description="rows, groups or periods that were measured")
    passed: bool | None = Field(description="null if there is no bound, and the figure is only reported")


class InsightStrength(Document):
    """A planted insight: what its question shows, compared with the same customer without planted changes."""

    insight_id: str
    headline: str
    figure: float | None = Field(description="figure in the result of the question; null if there is none")
    without: float | None = Field(description="the same figure in the demo without planted changes")
    seasonal_baseline: float | None = Field(
        description="figure that is expected today from the question's history without planted changes"
    )
    spread: float | None = Field(description="standard deviation of the figure around its seasonal baseline")
    z: float | None = Field(description="(figure - seasonal_baseline) / spread")
    rank: int | None = Field(
        description="rank of the planted group among all groups of the answer by |z|; 1 is the largest"
    )
    groups: int = Field(description="number of groups that were compared")
    history: list[float | None] = Field(description="the figure on earlier days, oldest first, without the insight")
    passed: bool
    reason: str | None = Field(default=None, description="why it did not pass")


class UnplannedFinding(Document):
    """A figure that was not planted and is far from its own history, with how unlikely that is by chance."""

    query_id: str
    group: str = Field(description="row of the answer, in words")
    column: str
    figure: float
    expected: float
    z: float = Field(description="standard deviations from its seasonal baseline")
    corrected_z: float = Field(description="z after allowing for the number of figures that were searched (Sidak)")


class DataQualityReport(Artefact):
    """Every measurement of a demo's tables: what must hold exactly, realism, keys, insights and unplanned findings."""

    coherence: list[CoherenceResult]
    laws: list[LawResult] = Field(default_factory=list, description="laws of the trade, as written in the data model")
    relations: list[RelationResult] = Field(
        default_factory=list, description="relations of the trade, as written in the data model"
    )
    realism: list[RealismResult]
    insights: list[InsightStrength]
    unplanned: list[UnplannedFinding] = Field(description="the findings that stand out most, strongest first")
    places_looked_at: int = Field(description="number of figures that were searched for unplanned findings")
    page: Literal["quality/index.html"] = Field(
        default="quality/index.html", description="the report as a page, relative to the customer's folder"
    )
    file_sha256: str = Field(default="", description="of the page; empty if an earlier version made it")

    def files(self) -> list[str]:
        """The report's page."""
        return [self.page]

    def file_digests(self) -> dict[str, str]:
        """The digest of the report's page."""
        return {self.page: self.file_sha256} if self.file_sha256 else {}

    def broken_rules(self) -> list[CoherenceResult]:
        """The rules that follow from the data model and do not hold."""
        return [result for result in self.coherence if result.violations]

    def broken_laws(self) -> list[LawResult]:
        """The trade's own laws that do not hold, or could not be executed."""
        return [law for law in self.laws if not law.holds()]

    def broken_relations(self) -> list[RelationResult]:
        """The trade's relations whose figure is outside its range, or could not be measured."""
        return [relation for relation in self.relations if not relation.holds()]

    def exact_rules(self) -> tuple[int, int]:
        """How many rules and laws hold, and how many there are."""
        stated = len(self.coherence) + len(self.laws)
        return stated - len(self.broken_rules()) - len(self.broken_laws()), stated

    def unlike_real_data(self) -> list[RealismResult]:
        """The realism checks that fail."""
        return [result for result in self.realism if result.passed is False]

    def realism_checks(self) -> list[RealismResult]:
        """The realism results that have a bound; the others are reported only."""
        return [result for result in self.realism if result.passed is not None]

    def weak_insights(self) -> list[InsightStrength]:
        """The planted insights that do not stand out."""
        return [insight for insight in self.insights if not insight.passed]

    def weakest_z(self) -> float:
        """The smallest |z| of a planted insight; 0 when one could not be measured, or there is none."""
        return min((abs(insight.z or 0.0) for insight in self.insights), default=0.0)

    def strongest_unplanned_z(self) -> float:
        """The largest corrected |z| of a figure that was not planted; 0 when none was found."""
        return max((abs(finding.corrected_z) for finding in self.unplanned), default=0.0)

    def summary(self) -> str:
        """How many rules hold, checks pass and insights stand out, in one line."""
        kept, rules = self.exact_rules()
        checks, insights = len(self.realism_checks()), len(self.insights)
        related = len(self.relations)
        relations = f"{related - len(self.broken_relations())} of {related} relations hold; " if related else ""
        return (
            f"{kept} of {rules} rules hold; {relations}{checks - len(self.unlike_real_data())} of {checks} "
            f"realism checks pass; {insights - len(self.weak_insights())} of {insights} insights stand out"
        )
