"""Reconcile two reports with Polars: python polars_reconcile.py OURS THEIRS."""

import json
import sys

import polars as pl


def scan(path, net):
    """Only what is compared is read, and the types are given: nothing has to be guessed."""
    return pl.scan_csv(path, infer_schema=False).select(
        "connected_account",
        "balance_transaction_id",
        pl.col("net").cast(pl.Decimal(18, 2)).alias(net),
    )


ours, theirs = scan(sys.argv[1], "ours"), scan(sys.argv[2], "theirs")
joined = ours.join(
    theirs, on=["connected_account", "balance_transaction_id"], how="full", coalesce=True
)
counts = joined.select(
    pl.col("ours").is_null().sum().alias("missing"),
    pl.col("theirs").is_null().sum().alias("surplus"),
    (pl.col("ours") != pl.col("theirs")).sum().alias("differing"),
).collect(engine="streaming")
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
print(json.dumps({**counts.row(0, named=True), "peak_kib": int(peak)}))
