#!/usr/bin/env bash
# pandas 3.1.1 reads the ISO code NA (Namibia) as missing in columns that have a converter; 3.0.2 and before kept it.
#
# In `read_csv`, `converters={"ISO2": str}` was the way to keep a column as it is written: what a converter returned was
# not looked at again. From 3.1.0 on, its results are compared with the texts for missing values, so `NA` becomes NaN, and
# so does an empty text. Nothing warns. `country_converter` 1.3.2 (the newest; it asks for no upper version of pandas)
# reads its own table in this way, takes NA off the texts for missing values, which does not help, since the built-in
# ones are added again, and then cannot be started at all: it compiles a NaN as a pattern.
# `dtype=str, keep_default_na=False` keeps `NA` in all versions.
#
# Seen on 2026-11-30:
#   pandas 3.0.2: converters=str reads ['NA', 'NL'], keep_default_na=False ['NA', 'NL']; country_converter: NAM
#   pandas 3.1.1: converters=str reads [nan, 'NL'], keep_default_na=False ['NA', 'NL']; country_converter: TypeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/try.py" <<'PY'
import io
import sys

import country_converter
import pandas

text = "ISO2,name\nNA,Namibia\nNL,Netherlands\n"
converted = pandas.read_csv(io.StringIO(text), converters={"ISO2": str}).ISO2.tolist()
kept = pandas.read_csv(io.StringIO(text), dtype={"ISO2": str}, keep_default_na=False).ISO2.tolist()
try:
    coco = country_converter.CountryConverter().convert("NA", src="ISO2", to="ISO3")
except TypeError as error:
    coco = type(error).__name__
seen = f"converters=str reads {converted}, keep_default_na=False {kept}; country_converter: {coco}"
print(f"pandas {pandas.__version__}: {seen}")
sys.exit(seen != sys.argv[1])
PY
for version in 3.0.2 3.1.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "pandas==$version" country_converter==1.3.2
done
kept="keep_default_na=False ['NA', 'NL']"
"$folder/3.0.2/bin/python" "$folder/try.py" "converters=str reads ['NA', 'NL'], $kept; country_converter: NAM"
"$folder/3.1.1/bin/python" "$folder/try.py" "converters=str reads [nan, 'NL'], $kept; country_converter: TypeError"
