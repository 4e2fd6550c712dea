"""Writes the Parquet files of these tests: as DuckDB and Polars write them.

    python write.py        in an environment with duckdb and polars, beside this file
"""

import datetime
import decimal
import pathlib

import duckdb
import polars

HERE = pathlib.Path(__file__).parent
ROWS = 600
START = datetime.datetime(2026, 11, 1)


def rows() -> dict[str, list]:
    numbers = range(ROWS)
    return {
        "id": [f"own-{n}" for n in numbers],
        "account": [f"acct_{n % 3}" for n in numbers],
        "kind": [None if n % 5 == 0 else "order" for n in numbers],
        "occurred_at": [START + datetime.timedelta(minutes=n) for n in numbers],
        "currency": ["usd"] * ROWS,
        "amount": [decimal.Decimal(n * 7 - 700) / 100 for n in numbers],
        "charge": [f"ch_{n:05}" if n % 2 else None for n in numbers],
        "x_note": [n / 3 for n in numbers],
    }


def frame() -> polars.DataFrame:
    return polars.DataFrame(rows(), schema_overrides={"amount": polars.Decimal(18, 2)})


def main() -> None:
    table = frame()
    for name, compression in (("zstd", "zstd"), ("snappy", "snappy"), ("plain", "uncompressed"), ("gzip", "gzip")):
        table.write_parquet(HERE / f"polars-{name}.parquet", compression=compression, row_group_size=250)
    minor = table.with_columns(
        (polars.col("amount") * 100).cast(polars.Int64).alias("amount_minor"),
        polars.col("occurred_at").dt.date(),
    ).drop("amount")
    minor.write_parquet(HERE / "polars-minor.parquet")
    table.with_columns(polars.col("amount").cast(polars.Float64)).write_parquet(HERE / "polars-float.parquet")
    connection = duckdb.connect()
    source = HERE / "polars-zstd.parquet"
    for name, options in (("snappy", "compression snappy"), ("zstd", "compression zstd"), ("v2", "parquet_version v2")):
        target = HERE / f"duckdb-{name}.parquet"
        connection.execute(
            f"copy (select * from read_parquet('{source}')) to '{target}' (format parquet, {options}, row_group_size 2048)"
        )


main()
