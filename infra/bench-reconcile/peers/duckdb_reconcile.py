"""Reconcile two reports with DuckDB: python duckdb_reconcile.py OURS THEIRS."""

import json
import sys

import duckdb

# Only what is compared is read, and the types are given: nothing has to be guessed.
COLUMNS = {
    "balance_transaction_id": "VARCHAR",
    "created_utc": "VARCHAR",
    "currency": "VARCHAR",
    "gross": "VARCHAR",
    "fee": "VARCHAR",
    "net": "DECIMAL(18, 2)",
    "reporting_category": "VARCHAR",
    "connected_account": "VARCHAR",
}

QUERY = """
    SELECT count(*) FILTER (ours.id IS NULL),
           count(*) FILTER (theirs.id IS NULL),
           count(*) FILTER (ours.net <> theirs.net)
    FROM (SELECT connected_account AS account, balance_transaction_id AS id, net
          FROM read_csv($ours, header = true, auto_detect = false, columns = {columns})) AS ours
    FULL OUTER JOIN
         (SELECT connected_account AS account, balance_transaction_id AS id, net
          FROM read_csv($theirs, header = true, auto_detect = false, columns = {columns})) AS theirs
    ON ours.account = theirs.account AND ours.id = theirs.id
"""

ours, theirs = sys.argv[1:]
query = QUERY.format(columns=COLUMNS)
missing, surplus, differing = duckdb.execute(query, {"ours": ours, "theirs": theirs}).fetchone()
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
print(json.dumps({"missing": missing, "surplus": surplus, "differing": differing, "peak_kib": int(peak)}))
