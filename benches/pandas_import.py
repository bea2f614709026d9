"""What `wegen import` does with two tables, in pandas: read, check, bring into long form, aggregate, and
store in SQLite where a file is named. The peer of `cargo xtask bench`.

    python3 benches/pandas_import.py unhcr-population population.csv.gz [out.sqlite]
"""

import sqlite3
import sys

import pandas as pd

MEASURES = ["refugees", "asylum_seekers", "returned_refugees", "idps", "returned_idps", "stateless", "ooc", "oip", "hst"]


def countries():
    return set(pd.read_csv("registry/countries.csv", keep_default_na=False)["iso3"])


def population(path):
    table = pd.read_csv(path, keep_default_na=False, na_values=["", "-"])
    missing = {"year", "coo_iso", "coa_iso", *MEASURES} - set(table.columns)
    assert not missing, f"columns are missing: {missing}"
    assert table["year"].between(1800, 2200).all(), "a year is none"
    known = countries()
    for column in ("coo_iso", "coa_iso"):
        codes = table[column]
        assert codes.str.fullmatch("[A-Z]{3}").all(), f"{column} holds no ISO code"
        print(column, "unknown:", (~codes.isin(known)).sum(), file=sys.stderr)
    for measure in MEASURES:
        values = pd.to_numeric(table[measure])
        held = values.dropna()
        assert (held >= 0).all() and (held % 1 == 0).all(), f"{measure} holds no counts"
    table["line"] = table.index + 2
    long = table.melt(["line", "year", "coo_iso", "coa_iso"], MEASURES, "indicator", "value").dropna(subset="value")
    totals = long.groupby(["indicator", "year"])["value"].agg(["count", "sum"])
    return long, totals, ["indicator", "coo_iso", "year"]


def ged(path):
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)
    needed = {"id", "year", "type_of_violence", "where_prec", "adm_1", "country_id", "date_start", "date_end", "best", "low", "high", "deaths_civilians"}
    missing = needed - set(table.columns)
    assert not missing, f"columns are missing: {missing}"
    assert table["type_of_violence"].isin([1, 2, 3]).all() and table["where_prec"].between(1, 7).all()
    start, end = pd.to_datetime(table["date_start"].str[:10]), pd.to_datetime(table["date_end"].str[:10])
    assert (end >= start).all(), "an event ends before it starts"
    for column in ("best", "low", "high", "deaths_civilians"):
        assert (table[column] >= 0).all(), f"{column} holds no counts"
    table["line"] = table.index + 2
    kept = table[["line", "year", "date_start", "country_id", "adm_1", "type_of_violence", "where_prec", "best", "low", "high", "deaths_civilians"]]
    totals = kept.groupby("year")["best"].agg(["count", "sum"])
    return kept, totals, ["country_id", "year"]


if __name__ == "__main__":
    source, path = sys.argv[1:3]
    rows, totals, key = population(path) if source == "unhcr-population" else ged(path)
    print(totals.tail(3).to_string())
    if len(sys.argv) > 3:
        with sqlite3.connect(sys.argv[3]) as db:
            rows.to_sql("rows", db, index=False)
            db.execute(f"CREATE INDEX rows_key ON rows ({', '.join(key)})")
