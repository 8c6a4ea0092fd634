"""Ten thousand quotes: list, filter, search and open, through HTTP."""

import random
import statistics
from pathlib import Path
from typing import Any

import httpx
import psycopg

from kontor_launcher.embedded import FOLDER
from kontor_launcher.installation import DATABASE
from kontor_launcher.postgres import EmbeddedPostgres
from tests.benchmarks import work
from tests.benchmarks.installation import Installation
from tests.benchmarks.measuring import Figure, percentile, timed

QUOTES = 10_000
CUSTOMERS = 1_500
TIMES = 60

# Copies of one quote as the service made it, with their own identity, state, dates, amounts and texts. Answered states
# are left out: their quotes would need answers too, which no list reads.
_SEED = """
INSERT INTO quotes.replica (kind, id, version, data)
SELECT 'customer', gen_random_uuid()::text, 1, data || jsonb_build_object(
    'display_name', (%(names)s::text[])[1 + n %% 12] || ' ' || (%(families)s::text[])[1 + n %% 15] || ' ' || n,
    'email', 'kundin' || n || '@example.test', 'town', (%(towns)s::text[])[1 + n %% 10])
FROM quotes.replica, generate_series(1, %(customers)s) n WHERE kind = 'customer' AND id = %(customer)s;

INSERT INTO quotes.quote ({columns})
SELECT {values} FROM quotes.quote base, LATERAL (
    SELECT n, (ARRAY['draft', 'sent', 'sent', 'expired', 'withdrawn'])[1 + n %% 5] AS state,
        now() - make_interval(hours => 4 * n) AS at,
        known.ids[1 + n %% %(customers)s]::uuid AS customer
    FROM generate_series(1, %(quotes)s) n,
        (SELECT array_agg(id ORDER BY id) AS ids FROM quotes.replica WHERE kind = 'customer') known
) made WHERE base.id = %(quote)s;
"""
_MADE = {
    "id": "gen_random_uuid()",
    "deal_uuid": "gen_random_uuid()",
    "state": "made.state",
    "number": "CASE WHEN made.state <> 'draft' THEN 'Q-2019-' || lpad(made.n::text, 5, '0') END",
    "series_year": "CASE WHEN made.state <> 'draft' THEN 2019 END",
    "series_seq": "CASE WHEN made.state <> 'draft' THEN made.n END",
    "sent_version": "CASE WHEN made.state <> 'draft' THEN 1 ELSE 0 END",
    "sent_at": "CASE WHEN made.state <> 'draft' THEN made.at END",
    "issue_date": "CASE WHEN made.state <> 'draft' THEN made.at::date END",
    "valid_until": "CASE WHEN made.state = 'sent' THEN current_date + 30 ELSE made.at::date + 30 END",
    "customer_id": "made.customer",
    "title": "(%(titles)s::text[])[1 + made.n %% 12] || ' ' || made.n",
    "currency": "CASE WHEN made.n %% 4 = 0 THEN 'EUR' ELSE 'CHF' END",
    "net_minor": "50000 + made.n * 37 %% 900000",
    "vat_minor": "4000",
    "total_minor": "54000 + made.n * 37 %% 900000",
    "created_at": "made.at",
    "updated_at": "made.at",
}
_WORDS = {
    "names": ["Anna", "Zoë", "Jürg", "Chloé", "Beat", "Mélanie", "Øystein", "Carla", "Noah", "Lía", "Timo", "Åsa"],
    "families": [
        "Müller", "Größl", "Dubois", "Meier", "Çelik", "Nuñez", "Keller", "Brändli", "Weiß", "Frei", "Gasser",
        "Ångström", "Kälin", "Roth", "Vögeli",
    ],
    "towns": ["Zürich", "Bern", "Köln", "Wien", "Vaduz", "Genève", "Chur", "München", "Graz", "St. Gallen"],
    "titles": [
        "Hochzeit am See", "Jahresbericht", "Bildwelt für das Café", "Produktfotos Frühling", "Führung im Museum",
        "Porträts der Geschäftsleitung", "Imagefilm", "Website", "Messestand", "Kochbuch", "Konzert", "Sommerfest",
    ],
}  # fmt: skip


def seed(installation: Installation, client: httpx.Client) -> None:
    customer = work.create_customer(client)
    quote = work.create_quote(client, customer)
    url = EmbeddedPostgres(Path(installation.environment["KONTOR_DATA"]) / FOLDER).url(DATABASE)
    with psycopg.connect(url, autocommit=True) as connection:
        columns = [
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'quotes' AND table_name = 'quote' AND is_generated = 'NEVER'"
            )
        ]
        values = [_MADE.get(name, f'base."{name}"') for name in columns]
        statement = _SEED.format(columns=", ".join(f'"{name}"' for name in columns), values=", ".join(values))
        facts: dict[str, Any] = {"customers": CUSTOMERS, "quotes": QUOTES, "customer": customer, "quote": quote["id"]}
        for part in statement.split(";\n\n"):
            connection.execute(part, facts | _WORDS)
        connection.execute("VACUUM ANALYZE quotes.quote")
        connection.execute("ANALYZE quotes.replica")


def figures(installation: Installation, client: httpx.Client) -> list[Figure]:
    """Each as the 95th percentile, which is to stay below 100 ms."""
    seed(installation, client)
    chance = random.Random(7)
    deep = work.get(client, "quotes", limit=200, sort="title")["next_cursor"]
    ids = [item["id"] for item in work.get(client, "quotes", limit=200, sort="-total")["items"]]
    words = ["muller", "ZÜRICH", "fruhling", "cafe gröss", "Q-2019-042", "angstrom koln", "konzert 71", "nothing-there"]
    span = {"created_from": "2025-01-01", "currency": "EUR", "total_from_minor": 300000, "state": "sent"}
    asked: list[tuple[str, Any]] = [
        ("first page", lambda: work.get(client, "quotes")),
        ("by customer", lambda: work.get(client, "quotes", sort="customer")),
        ("a later page", lambda: work.get(client, "quotes", sort="title", cursor=deep)),
        ("filtered by state, date, amount", lambda: work.get(client, "quotes", **span)),
        ("search", lambda: work.get(client, "quotes", q=chance.choice(words))),
        ("open", lambda: work.get(client, f"quotes/{chance.choice(ids)}")),
    ]
    found = work.get(client, "quotes", limit=1)
    assert sum(found["counts"].values()) > QUOTES, found["counts"]
    made = []
    for name, call in asked:
        for _ in range(5):
            call()
        taken = [timed(call) for _ in range(TIMES)]
        detail = f"p95; median {statistics.median(taken):.1f}, n={TIMES}"
        made.append(Figure(f"10,000 quotes: {name}", percentile(taken, 0.95), "ms", "< 100", None, detail))
    return made
