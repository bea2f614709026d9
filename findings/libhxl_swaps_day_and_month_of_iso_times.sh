#!/usr/bin/env bash
# libhxl 5.2.2 reads an ISO 8601 date with a time (`2024-01-12T00:00:00`) with day and month exchanged: 1 December 2024.
#
# HDX HAPI, IOM DTM and UCDP give their dates with a time after them, and their files carry HXL tags. libhxl knows
# `2024-01-12` and `2024-01-12 00:00:00`. With a `T`, a time zone or parts of a second it leaves the text to a general
# reader of dates, which is told that days come first and holds to it, although the year stands in front. Days after the
# 12th cannot be months and come out right, so in one column some dates are right and some are wrong. Filters on
# `#date`, cleaning and counting follow; no error is raised. (The package imports `six` and does not ask for it, so it
# is installed here beside it.)
#
# Seen on 2026-11-30:
#   2024-01-12 -> 2024-01-12
#   2024-01-12 00:00:00 -> 2024-01-12
#   2024-01-12T00:00:00 -> 2024-12-01
#   2024-01-12 00:00:00.000 -> 2024-12-01
#   2024-01-13T00:00:00 -> 2024-01-13
#   rows with #date>2024-06-30: 2024-01-12T00:00:00, 2024-12-31T00:00:00 (2024-12-01T00:00:00 is not among them)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check libhxl==5.2.2 six==1.17.0
"$folder/venv/bin/python" - <<'PY'
import hxl
from hxl.datatypes import normalise_date

expected = {
    "2024-01-12": "2024-01-12",
    "2024-01-12 00:00:00": "2024-01-12",
    "2024-01-12T00:00:00": "2024-12-01",
    "2024-01-12 00:00:00.000": "2024-12-01",
    "2024-01-13T00:00:00": "2024-01-13",
}
for text, seen in expected.items():
    print(f"{text} -> {normalise_date(text)}")
    assert normalise_date(text) == seen, text

rows = [
    ["reference_period_start", "population"],
    ["#date+start", "#affected+idps"],
    ["2024-01-12T00:00:00", "10"],
    ["2024-12-01T00:00:00", "5"],
    ["2024-12-31T00:00:00", "20"],
]
kept = [row.values[0] for row in hxl.data(rows).with_rows("#date>2024-06-30")]
print(f"rows with #date>2024-06-30: {', '.join(kept)} (2024-12-01T00:00:00 is not among them)")
assert kept == ["2024-01-12T00:00:00", "2024-12-31T00:00:00"], kept
PY
