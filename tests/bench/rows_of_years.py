"""Years of responses and cases, made inside SQLite: more than a survey could send in an hour."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Every fifth response is low and has a case of its own; the latest of them are open.
OPEN_CASES = 2_000
CUSTOMERS_PER_RESPONSE = 0.25
STAMP = "strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"
# Numbers that look like chance and are the same each time: u, v, w, x below 1000, from the response's number.
CHANCE = """
    SELECT n, (n * 7919 + n / 1000 * 104729) % 1000 AS u, (n * 15485863 + n / 37) % 1000 AS v,
           (n * 32452843 + n / 101) % 1000 AS w, (n * 49979687 + n / 13) % 1000 AS x,
           {start} + CAST(n AS REAL) / {count} * {seconds} AS at
    FROM (WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
          SELECT n FROM numbers)
"""
CUSTOMERS = """
    INSERT INTO customers (id, identity, contactability, email, name, language, account_name, segment, created_at)
    SELECT n, 'mail:c' || n || '@example.com', CASE WHEN n % 25 = 1 THEN 'anonymous' ELSE 'contactable' END,
           'c' || n || '@example.com', 'Customer ' || n, 'en', 'Account ' || (n % 5000),
           CASE n % 4 WHEN 0 THEN 'smb' WHEN 1 THEN 'large' WHEN 2 THEN 'trial' END, {stamp}
    FROM ({chance})
"""
CASES = """
    INSERT INTO cases (id, customer_id, state, department, channel, owner, is_owner_stand_in, urgency, why, opened_at,
        waiting_since, claimed_at, contacted_at, resolved_at, closed_at, claim_due_at, contact_due_at, tell_due_at,
        next_due_at, next_step_at, claim_used, contact_used, tell_used, root_cause, what_changed, excuse, reopened)
    SELECT n, customer, state, 'dep-' || (u % 5), 'C0DEP' || (u % 5), 'U' || (v % 40), 0,
        CASE w % 3 WHEN 0 THEN 'high' ELSE 'normal' END, {why}, {opened}, {opened},
        CASE WHEN is_claimed THEN {claimed} END, CASE WHEN is_contacted THEN {contacted} END,
        CASE WHEN state = 'told' THEN {told} END, CASE WHEN state IN ('told', 'excused') THEN {told} END,
        {claim_due}, {contact_due}, {tell_due},
        CASE WHEN is_open THEN {tell_due} END, CASE WHEN is_open THEN {tell_due} END,
        CASE WHEN is_claimed THEN u * 30.0 END, CASE WHEN is_contacted THEN u * 30.0 + v * 30.0 END,
        CASE WHEN state = 'told' THEN u * 30.0 + v * 30.0 + w * 150.0 END,
        CASE WHEN state = 'told' THEN CASE x % 5 WHEN 0 THEN 'people' WHEN 1 THEN 'process' WHEN 2 THEN 'product'
            WHEN 3 THEN 'policy' ELSE 'other' END END,
        CASE WHEN state = 'told' THEN 'The invoice is correct now, and the next ones will be.' END,
        CASE WHEN state = 'excused' THEN 'unreachable' END, CASE WHEN x % 20 = 0 AND NOT is_open THEN 1 ELSE 0 END
    FROM (SELECT *, n > {count} - {open} AS is_open,
              CASE WHEN n <= {count} - {open} THEN CASE WHEN v % 10 < 2 THEN 'excused' ELSE 'told' END
                   WHEN u % 2 THEN 'working' ELSE 'new' END AS state,
              n <= {count} - {open} OR u % 2 AS is_claimed,
              n <= {count} - {open} AND v % 10 >= 2 OR u % 4 = 1 AS is_contacted,
              (n * 5) % {customers} + 1 AS customer
          FROM ({chance}))
"""
WHY = """'{"rule": "Billing", "matched": ["comment: invoice", "touchpoint: invoice"], "department": "dep-' || (u % 5) ||
    '", "also": [], "urgency": ["As the department says."], "owner_rule": "Fewest open cases of those present."}'"""
RESPONSES = """
    INSERT INTO responses (id, source, external_id, metric, score, low_end, high_end, direction, band, comment,
        customer_id, case_id, form, touchpoint, language, segment, submitted_at, received_at)
    SELECT n, 'survey', 'r-' || n, metric, CASE WHEN metric = 'nps' THEN CASE band WHEN 'low' THEN u % 7
            WHEN 'neutral' THEN 7 + u % 2 ELSE 9 + u % 2 END
        WHEN metric = 'csat' THEN CASE band WHEN 'low' THEN 1 + u % 2 WHEN 'neutral' THEN 3 ELSE 4 + u % 2 END
        ELSE CASE band WHEN 'low' THEN 1 + u % 3 WHEN 'neutral' THEN 4 ELSE 5 + u % 3 END END,
        CASE metric WHEN 'nps' THEN 0 ELSE 1 END, CASE metric WHEN 'nps' THEN 10 WHEN 'csat' THEN 5 ELSE 7 END,
        'up', band,
        CASE WHEN n % 3 = 0 THEN 'The invoice was wrong again, and nobody called back as promised.' ELSE '' END,
        n % {customers} + 1, CASE WHEN band = 'low' THEN n / 5 END, 'form-' || (u % 3),
        CASE v % 5 WHEN 0 THEN 'invoice' WHEN 1 THEN 'chat' WHEN 2 THEN 'delivery' WHEN 3 THEN 'renewal' END, 'en',
        CASE (n % {customers} + 1) % 4 WHEN 0 THEN 'smb' WHEN 1 THEN 'large' WHEN 2 THEN 'trial' END, {stamp}, {stamp}
    FROM (SELECT *, CASE WHEN w < 500 THEN 'nps' WHEN w < 800 THEN 'csat' ELSE 'ces' END AS metric,
              CASE WHEN n % 5 = 0 THEN 'low' WHEN x % 4 = 0 THEN 'neutral' ELSE 'high' END AS band FROM ({chance}))
"""


def fill(file: Path, *, count: int, days: int, until: datetime) -> None:
    """Write so many responses of the last days, with a case for each fifth, into a file that has the tables."""
    start, seconds = int((until - timedelta(days=days)).timestamp()), days * 86_400
    customers, cases = int(count * CUSTOMERS_PER_RESPONSE), count // 5
    with sqlite3.connect(file, isolation_level=None) as connection:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")

        def numbers(how_many: int) -> str:
            return CHANCE.format(start=start, count=how_many, seconds=seconds, first=1, last=how_many)

        connection.execute(CUSTOMERS.format(stamp=_stamp("at"), chance=numbers(customers)))
        times = {
            "opened": "at",
            "claimed": "at + u * 60",
            "contacted": "at + u * 60 + v * 60",
            "told": "at + u * 60 + v * 60 + w * 600",
            "claim_due": "at + 30000",
            "contact_due": "at + 80000",
            "tell_due": "at + 500000",
        }
        stamps = {name: _stamp(value) for name, value in times.items()}
        cases_sql = CASES.format(
            **stamps, why=WHY, count=cases, open=OPEN_CASES, customers=customers, chance=numbers(cases)
        )
        connection.execute(cases_sql)
        connection.execute(RESPONSES.format(customers=customers, stamp=_stamp("at"), chance=numbers(count)))
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    connection.close()


def _stamp(seconds: str) -> str:
    return STAMP.format(seconds=f"CAST({seconds} AS INTEGER)")


def today() -> datetime:
    """Give the last midnight: what is made ends there."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
