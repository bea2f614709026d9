#!/usr/bin/env bash
# pycountry 26.2.16: the fuzzy search for `Niger`, a country's exact name, answers Nigeria first.
#
# `countries.search_fuzzy` ranks its answers, and tools take the first one. A country's own name can be expected to find
# that country. It does for all names, common names and official names of ISO 3166-1 but two: `Niger` (Nigeria is put
# before it) and `Curaçao` (the Netherlands, of which it is a subdivision as well). In data on the Sahel this moves the
# displaced people of one country to its neighbour, with no error. An exact look-up (`countries.get(name=…)`) is right.
#
# Seen on 2026-11-30:
#   search_fuzzy('Niger') -> NGA, NER; get(name='Niger') -> NER
#   names that find another country first: Curaçao -> NLD, Niger -> NGA (of 249 countries)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycountry==26.2.16
"$folder/venv/bin/python" - <<'PY'
from pycountry import countries

found = [c.alpha_3 for c in countries.search_fuzzy("Niger")]
exact = countries.get(name="Niger").alpha_3
print(f"search_fuzzy('Niger') -> {', '.join(found)}; get(name='Niger') -> {exact}")
assert (found[0], exact) == ("NGA", "NER"), (found, exact)

wrong = set()
for country in countries:
    for field in ("name", "common_name", "official_name"):
        name = getattr(country, field, None)
        first = name and countries.search_fuzzy(name)[0].alpha_3
        if name and first != country.alpha_3:
            wrong.add(f"{name} -> {first}")
print(f"names that find another country first: {', '.join(sorted(wrong))} (of {len(countries)} countries)")
assert wrong == {"Curaçao -> NLD", "Niger -> NGA"}, wrong
PY
