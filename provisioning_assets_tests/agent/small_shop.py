"""A small shop that the agent room's tests ask about: five tables, made by a fixed rule, in a real DuckDB file.

Everything is as a customer's folder would have it: ``dataset.duckdb`` and ``demo_dataset.json`` under
``<store>/<key>/``, plan, model and golden queries as typed artefacts. No other room generates anything here.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from provisioning_assets.data_model.generators import FromRecord
from provisioning_assets.data_model.models import DataModel
from provisioning_assets.data_model.populations import Records
from provisioning_assets.data_model.tables import Column, ForeignKey, Table
from provisioning_assets.golden.models import GoldenQueries, GoldenQuery
from provisioning_assets.googlesql.duckdb_queries import run_query
from provisioning_assets.planning.models import (
    AgentInstructions,
    Complexity,
    DemoPlan,
    GlossaryTerm,
    Insight,
    InsightAssertion,
    Kpi,
    Question,
    Scene,
)
from provisioning_assets.warehouse.models import DemoDataset, LoadedTable

KEY = "small__shop_com"
AS_OF = date(2026, 6, 15)
_TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "NUMERIC": "DECIMAL(18,2)",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "FLOAT64": "DOUBLE",
}

STORES = [
    (1, "Harbour Street", "Hamburg", "North"),
    (2, "Market Square", "Bremen", "North"),
    (3, "Old Bridge", "Dresden", "East"),
    (4, "Station Arcade", "Leipzig", "East"),
    (5, "Castle Hill", "Munich", "South"),
]
PRODUCTS = [
    ("Espresso Beans", "Coffee", 14.9),
    ("House Blend", "Coffee", 11.5),
    ("Cold Brew Kit", "Coffee", 29.0),
    ("Green Tea", "Tea", 8.4),
    ("Chai Mix", "Tea", 9.9),
    ("Earl Grey", "Tea", 7.5),
    ("Travel Mug", "Equipment", 24.0),
    ("Hand Grinder", "Equipment", 59.0),
    ("Filter Papers", "Equipment", 4.5),
    ("Gift Card", "Vouchers", 25.0),
]
CITIES = ["Hamburg", "Bremen", "Dresden", "Leipzig", "Munich", "Berlin"]
SEGMENTS = ["New", "Regular", "VIP"]
CHANNELS = ["Online shop", "Store", "Mobile app"]
PAYMENTS = ["Card", "Cash", "Digital wallet"]


def _column(name: str, kind: str, role: str, description: str, synonyms: Sequence[str] = (), **more: object) -> Column:
    return Column.model_validate(
        {
            "name": name,
            "type": kind,
            "role": role,
            "description": description,
            "synonyms": list(synonyms),
            "generator": FromRecord(),
            **more,
        }
    )


def _table(name: str, description: str, columns: list[Column], **more: object) -> Table:
    return Table.model_validate(
        {
            "name": name,
            "description": description,
            "columns": columns,
            "population": Records(rows=[]),
            "primary_key": [columns[0].name],
            **more,
        }
    )


def _key(column: str, table: str) -> ForeignKey:
    return ForeignKey(columns=[column], references_table=table, references_columns=[column])


def data_model() -> DataModel:
    """The shop's tables, described as a blueprint would."""
    stores = _table(
        "stores",
        "Shops of the company.",
        [
            _column("store_id", "INT64", "key", "Identifies the store"),
            _column("store_name", "STRING", "dimension", "Name of the store", ["branch"]),
            _column("city", "STRING", "dimension", "City of the store", ["store city"]),
            _column("region", "STRING", "dimension", "Sales region of the store", ["territory"]),
        ],
        synonyms=["shops", "branches"],
    )
    products = _table(
        "products",
        "Articles on sale.",
        [
            _column("product_id", "INT64", "key", "Identifies the product"),
            _column("product_name", "STRING", "dimension", "Name of the product", ["article name"]),
            _column("category", "STRING", "dimension", "Category of the product", ["department"]),
            _column(
                "list_price", "NUMERIC", "measure", "Price before discount", ["price"], aggregation="avg", unit="EUR"
            ),
        ],
        synonyms=["articles", "items"],
    )
    customers = _table(
        "customers",
        "People who registered.",
        [
            _column("customer_id", "INT64", "key", "Identifies the customer"),
            _column("full_name", "STRING", "text", "Name of the customer", ["customer name"]),
            _column("segment", "STRING", "dimension", "Customer segment", ["customer group"]),
            _column("home_city", "STRING", "dimension", "City where the customer lives", ["customer city"]),
            _column("signup_date", "DATE", "time", "Day of registration", ["registration date", "joined"]),
            _column(
                "newsletter",
                "BOOL",
                "dimension",
                "Whether the customer reads the newsletter",
                ["newsletter subscriber"],
            ),
            _column("age", "INT64", "measure", "Age in years", aggregation="avg", unit="years"),
        ],
        synonyms=["buyers", "shoppers"],
    )
    orders = _table(
        "orders",
        "Orders placed, online and in stores.",
        [
            _column("order_id", "INT64", "key", "Identifies the order"),
            _column("customer_id", "INT64", "key", "Customer who ordered"),
            _column("store_id", "INT64", "key", "Store that sold"),
            _column("ordered_at", "DATETIME", "time", "When the order was placed", ["order date"]),
            _column("delivered_at", "DATETIME", "time", "When the order arrived", ["delivery date"]),
            _column("channel", "STRING", "dimension", "Sales channel", ["sales channel"]),
            _column("payment_method", "STRING", "dimension", "How it was paid", ["payment type"]),
            _column("order_status", "STRING", "dimension", "Status of the order", ["state of the order"]),
            _column(
                "order_total",
                "NUMERIC",
                "measure",
                "Amount paid",
                ["revenue", "sales", "order value"],
                aggregation="sum",
                unit="EUR",
            ),
            _column(
                "shipping_cost", "NUMERIC", "measure", "Cost of shipping", ["freight"], aggregation="sum", unit="EUR"
            ),
            _column("is_returned", "BOOL", "dimension", "Whether the order was sent back", ["returned"]),
            _column(
                "rating",
                "INT64",
                "measure",
                "Stars given by the customer, 1 to 5",
                ["stars", "review score"],
                aggregation="avg",
                unit="stars",
            ),
        ],
        synonyms=["purchases"],
        foreign_keys=[_key("customer_id", "customers"), _key("store_id", "stores")],
        event_time="ordered_at",
        amount="order_total",
        entity="customer_id",
    )
    items = _table(
        "order_items",
        "Lines of the orders.",
        [
            _column("order_item_id", "INT64", "key", "Identifies the line"),
            _column("order_id", "INT64", "key", "Order of the line"),
            _column("product_id", "INT64", "key", "Product of the line"),
            _column(
                "quantity", "INT64", "measure", "Pieces ordered", ["units", "units sold", "pieces"], aggregation="sum"
            ),
            _column(
                "line_total",
                "NUMERIC",
                "measure",
                "Quantity times price",
                ["line revenue"],
                aggregation="sum",
                unit="EUR",
            ),
        ],
        synonyms=["order lines"],
        foreign_keys=[_key("order_id", "orders"), _key("product_id", "products")],
        amount="line_total",
    )
    return DataModel(
        name="A small shop",
        description="Coffee and tea",
        as_of=AS_OF,
        history_days=730,
        size="small",
        fact_rows=1500,
        seed=7,
        locale="de_DE",
        country="DE",
        currency="EUR",
        tables=[stores, products, customers, orders, items],
    )


def rows_of_shop() -> dict[str, Sequence[tuple[object, ...]]]:
    """The rows of every table, the same each time."""
    draw = random.Random(7)
    customers = [
        (
            number,
            f"Customer {number:03d}",
            draw.choices(SEGMENTS, [3, 6, 1])[0],
            draw.choice(CITIES),
            AS_OF - timedelta(days=draw.randrange(0, 900)),
            draw.random() < 0.4,
            draw.randrange(18, 80),
        )
        for number in range(1, 181)
    ]
    orders, items = [], []
    for number in range(1, 1201):
        placed = datetime.combine(AS_OF, datetime.min.time()) - timedelta(minutes=draw.randrange(0, 730 * 24 * 60))
        delivered = placed + timedelta(hours=draw.randrange(20, 200))
        status = "open" if delivered.date() > AS_OF else draw.choices(["delivered", "cancelled"], [19, 1])[0]
        total = 0.0
        for product in sorted(draw.sample(range(len(PRODUCTS)), draw.randrange(1, 4))):
            quantity = draw.randrange(1, 4)
            line = round(quantity * PRODUCTS[product][2], 2)
            total += line
            items.append((len(items) + 1, number, product + 1, quantity, line))
        orders.append(
            (
                number,
                draw.randrange(1, 181),
                draw.choices([1, 2, 3, 4, 5], [5, 2, 3, 3, 4])[0],
                placed,
                delivered if status == "delivered" else None,
                draw.choices(CHANNELS, [5, 3, 2])[0],
                draw.choice(PAYMENTS),
                status,
                round(total, 2),
                round(draw.uniform(0, 9), 2),
                draw.random() < 0.08,
                draw.choice([None, 1, 2, 3, 4, 5, 5]),
            ),
        )
    products = [(number, *product) for number, product in enumerate(PRODUCTS, start=1)]
    return {
        "stores": list(STORES),
        "products": products,
        "customers": customers,
        "orders": orders,
        "order_items": items,
    }


def build_shop(store: Path, key: str = KEY) -> DemoDataset:
    """Writes the customer's folder: the DuckDB file and what the warehouse says about it."""
    folder = store / key
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "dataset.duckdb"
    path.unlink(missing_ok=True)
    tables = rows_of_shop()
    with duckdb.connect(str(path)) as connection:
        for table in data_model().tables:
            columns = ", ".join(f'"{column.name}" {_TYPES[column.type]}' for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({columns})")
            names = [column.name for column in table.columns]
            frame = pl.DataFrame(tables[table.name], schema=names, orient="row", infer_schema_length=None)
            connection.register("frame", frame.to_arrow())
            connection.execute(f"INSERT INTO {table.name} SELECT * FROM frame")
            connection.unregister("frame")
    dataset = DemoDataset(
        target="duckdb",
        dataset=f"demo_{key}",
        location="dataset.duckdb",
        as_of=AS_OF,
        bytes=path.stat().st_size,
        tables=[
            LoadedTable(name=t.name, rows=len(tables[t.name]), columns=len(t.columns)) for t in data_model().tables
        ],
    )
    (folder / "demo_dataset.json").write_text(dataset.model_dump_json())
    return dataset


QUESTIONS = [
    Question(
        id="revenue_by_month",
        question="How has revenue developed month by month over the last 12 months?",
        paraphrases=[
            "Show me the monthly revenue trend for the past 12 months",
            "What did we earn each month over the last twelve months?",
        ],
        complexity=Complexity.SIMPLE,
        business_value="The rhythm of the business",
        sql="""SELECT DATE_TRUNC(DATE(ordered_at), MONTH) AS month, ROUND(SUM(order_total), 2) AS revenue FROM orders
WHERE DATE(ordered_at) >= DATE_SUB(DATE_TRUNC(CURRENT_DATE(), MONTH), INTERVAL 12 MONTH)
  AND DATE(ordered_at) < DATE_TRUNC(CURRENT_DATE(), MONTH) GROUP BY month ORDER BY month""",
    ),
    Question(
        id="return_rate_by_category",
        question="Which product categories have the highest return rate in the last 180 days?",
        paraphrases=[
            "Return rate by product category, last 180 days",
            "Which departments are sent back most often over the past six months?",
        ],
        complexity=Complexity.MEDIUM,
        business_value="Where money comes back",
        insight_id="returns",
        sql="""SELECT p.category, ROUND(100 * COUNTIF(o.is_returned) / COUNT(*), 2) AS return_rate_pct, COUNT(*) AS line_count
FROM order_items AS i JOIN orders AS o ON o.order_id = i.order_id JOIN products AS p ON p.product_id = i.product_id
WHERE DATE(o.ordered_at) >= DATE_SUB(CURRENT_DATE(), INTERVAL 180 DAY) GROUP BY p.category ORDER BY return_rate_pct
DESC""",
    ),
    Question(
        id="best_stores",
        question="Which three stores in the North and East had the most VIP customers this year?",
        paraphrases=[
            "Top three stores of North and East by VIP customers this year",
            "Where do most VIP shoppers buy in the North and the East this year?",
        ],
        complexity=Complexity.COMPLEX,
        business_value="Where loyalty lives",
        sql="""SELECT s.store_name, COUNT(DISTINCT o.customer_id) AS vip_customers FROM orders AS o
JOIN stores AS s ON s.store_id = o.store_id JOIN customers AS c ON c.customer_id = o.customer_id
WHERE s.region IN ('North', 'East') AND c.segment = 'VIP' AND o.ordered_at >= DATETIME_TRUNC(CURRENT_DATETIME(), YEAR)
GROUP BY s.store_name ORDER BY vip_customers DESC, s.store_name LIMIT 3""",
    ),
    Question(
        id="lost_table",
        question="How many couriers deliver for us?",
        paraphrases=["Number of couriers", "Count our couriers"],
        complexity=Complexity.SIMPLE,
        business_value="A question whose SQL cannot run",
        sql="SELECT COUNT(*) AS couriers FROM couriers",
    ),
    Question(
        id="no_rows",
        question="Which orders were placed by customers from Atlantis?",
        paraphrases=["Atlantis orders", "Orders from Atlantis"],
        complexity=Complexity.SIMPLE,
        business_value="A question without an answer",
        sql="""SELECT o.order_id FROM orders AS o JOIN customers AS c ON c.customer_id = o.customer_id
WHERE c.home_city = 'Atlantis'""",
    ),
]


def demo_plan(title: str = "A small shop") -> DemoPlan:
    """The plan of the shop."""
    return DemoPlan(
        title=title,
        subtitle="Coffee and tea",
        story="A story",
        industry="retail_ecommerce",
        blueprint="retail_ecommerce",
        blueprint_version=1,
        vocabulary={},
        slot_sources={},
        challenges=[],
        kpis=[
            Kpi(
                name="Average rating",
                definition="Mean of the stars given",
                sql="SELECT AVG(rating) AS value FROM orders",
                unit="stars",
                good_direction="up",
            )
        ],
        insights=[
            Insight(
                id="returns",
                headline="Returns rise",
                explanation="They do",
                action="Look",
                expected=8.0,
                tolerance=8.0,
                unit="percent",
                query_id="return_rate_by_category",
                assertion=InsightAssertion(column="return_rate_pct", where={"category": "Coffee"}),
            )
        ],
        questions=QUESTIONS,
        scenes=[Scene(id="one", title="One", minutes=3, talk_track="Talk", question_ids=["revenue_by_month"])],
        glossary=[
            GlossaryTerm(term="Revenue", definition="Amount paid for orders", synonyms=["sales"]),
            GlossaryTerm(term="Order value", definition="Revenue divided by orders", synonyms=["AOV", "basket value"]),
        ],
        agent=AgentInstructions(
            persona="You are the analyst of the shop.",
            rules=["Amounts are in euros."],
            default_filters=["Nothing is left out."],
        ),
    )


def golden_queries(store: Path, key: str = KEY) -> GoldenQueries:
    """The shop's questions, executed on its data set; one fails and one is empty, as happens."""
    return GoldenQueries(
        as_of=AS_OF, queries=[_golden(question, store / key / "dataset.duckdb") for question in QUESTIONS]
    )


def _golden(question: Question, path: Path) -> GoldenQuery:
    values = question.model_dump(
        include={"id", "question", "paraphrases", "complexity", "sql", "business_value", "insight_id"}
    )
    if question.id == "lost_table":
        return GoldenQuery(
            **values,
            chart=None,
            columns=[],
            rows=[],
            row_count=0,
            seconds=0,
            error="no table couriers",
            interesting=False,
        )
    result = run_query(path, question.sql, as_of=AS_OF)
    return GoldenQuery(
        **values,
        chart=None,
        columns=result.columns,
        rows=result.rows,
        row_count=result.row_count,
        seconds=result.seconds,
        interesting=True,
    )
