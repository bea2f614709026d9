"""What it costs to read UNHCR's table of populations, check it, bring it into long form, add it up, and store it: `wegen
import` beside pandas, Polars and DuckDB, which write a Parquet file (pandas: SQLite, and Parquet where pyarrow is there).
Each runs in a process of its own, by turns; told is the median of the processor's time and the most memory.

    WEGEN=target/release/wegen WEGEN_OLD=path/to/an/older/wegen python3 benches/compare_import.py population.csv.gz [RUNS]

Programs that are not installed are left out, and named.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile

MEASURES = ["refugees", "asylum_seekers", "returned_refugees", "idps", "returned_idps", "stateless", "ooc", "oip", "hst"]
HERE = os.path.dirname(os.path.abspath(__file__))


def known():
    import csv

    with open(os.path.join(HERE, "..", "registry", "countries.csv"), encoding="utf-8") as file:
        return {row["iso3"] for row in csv.DictReader(file)}


def polars(path, out):
    import polars as pl

    codes = known()
    table = pl.read_csv(path, null_values=["", "-"], infer_schema_length=None).with_row_index("line", offset=2)
    assert table["year"].is_between(1800, 2200).all(), "a year is none"
    for column in ("coo_iso", "coa_iso"):
        assert table[column].str.contains("^[A-Z]{3}$").all(), f"{column} holds no ISO code"
        print(column, "unknown:", (~table[column].is_in(list(codes))).sum(), file=sys.stderr)
    long = table.unpivot(MEASURES, index=["line", "year", "coo_iso", "coa_iso"], variable_name="indicator").drop_nulls("value")
    assert (long["value"] >= 0).all() and (long["value"] % 1 == 0).all(), "no counts"
    totals = long.group_by("indicator", "year").agg(pl.len(), pl.sum("value")).sort("indicator", "year")
    long.sort("indicator", "coo_iso", "year", "coa_iso").write_parquet(out)
    print(totals.tail(3))


def duckdb(path, out):
    import duckdb as db

    codes = known()
    con = db.connect()
    con.execute(
        f"CREATE TABLE raw AS SELECT row_number() OVER () + 1 AS line, * FROM read_csv('{path}', nullstr=['', '-'], header=true, "
        f"types={{{', '.join(repr(m) + ': ' + repr('DOUBLE') for m in MEASURES)}}})"
    )
    wrong = "NOT regexp_full_match(coo_iso, '[A-Z]{3}') OR NOT regexp_full_match(coa_iso, '[A-Z]{3}')"
    years = "year NOT BETWEEN 1800 AND 2200"
    assert con.execute(f"SELECT count(*) FROM raw WHERE {years} OR {wrong}").fetchone() == (0,), "a year or a code is none"
    for column in ("coo_iso", "coa_iso"):
        unknown = con.execute(f"SELECT count(*) FROM raw WHERE NOT list_contains(?, {column})", [sorted(codes)]).fetchone()
        print(column, "unknown:", unknown[0], file=sys.stderr)
    con.execute(
        f"CREATE TABLE long AS SELECT line, year, coo_iso, coa_iso, indicator, value FROM "
        f"(UNPIVOT raw ON {', '.join(MEASURES)} INTO NAME indicator VALUE value)"
    )
    assert con.execute("SELECT count(*) FROM long WHERE value < 0 OR value % 1 <> 0").fetchone() == (0,), "no counts"
    totals = con.execute("SELECT indicator, year, count(*), sum(value) FROM long GROUP BY 1, 2 ORDER BY 1, 2").fetchall()
    con.execute(f"COPY (SELECT * FROM long ORDER BY indicator, coo_iso, year, coa_iso) TO '{out}' (FORMAT parquet)")
    print(totals[-3:])


def measured(command):
    with open(os.devnull, "w") as null:
        process = subprocess.Popen(command, stdout=null, stderr=null)
        _, status, used = os.wait4(process.pid, 0)
    assert status == 0, f"{command} answered {status}"
    return used.ru_utime, used.ru_stime, used.ru_maxrss / 1024


def main():
    path, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as folder:
        to = lambda name: os.path.join(folder, name)
        wegen = lambda binary: [binary, "--ledger", to("ledger"), "--no-starter", "import", "--source", "unhcr-population", path]
        peers = {
            "wegen": wegen(os.environ.get("WEGEN", "target/release/wegen")),
            "pandas": [sys.executable, os.path.join(HERE, "pandas_import.py"), "unhcr-population", path, to("rows.sqlite")],
            "Polars": [sys.executable, __file__, "--polars", path, to("polars.parquet")],
            "DuckDB": [sys.executable, __file__, "--duckdb", path, to("duckdb.parquet")],
        }
        if "WEGEN_OLD" in os.environ:
            peers["wegen, older"] = wegen(os.environ["WEGEN_OLD"])
        for name in ("pandas", "Polars", "DuckDB"):
            there = subprocess.run([sys.executable, "-c", f"import {name.lower()}"], capture_output=True).returncode == 0
            if not there:
                print(f"{name} is not installed, and left out")
                del peers[name]
        found = {name: [] for name in peers}
        for _ in range(runs):
            for name, command in peers.items():
                shutil.rmtree(to("ledger"), ignore_errors=True)
                if os.path.exists(to("rows.sqlite")):
                    os.remove(to("rows.sqlite"))
                found[name].append(measured(command))
        print(f"{'':<14}{'user s':>8}{'system s':>10}{'peak MB':>9}")
        for name, times in found.items():
            user, system, peak = (statistics.median(t[i] for t in times) for i in range(3))
            print(f"{name:<14}{user:>8.2f}{system:>10.2f}{peak:>9.0f}")


if __name__ == "__main__":
    if sys.argv[1] == "--polars":
        polars(*sys.argv[2:4])
    elif sys.argv[1] == "--duckdb":
        duckdb(*sys.argv[2:4])
    else:
        main()
