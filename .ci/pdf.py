"""Lays PDFs before public validators: PDF/A-3a and PDF/UA-1 (page-validation), PDF/UA-1 (outloud).

    python3 -m pip install page-validation==0.11.0 outloud==0.2.1
    python3 .ci/pdf.py FILE...

A validator that is not installed is named and skipped; exit code 1 where one finds an error, 77 where none is there.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from importlib.metadata import version

files = sys.argv[1:]
asked, wrong = 0, 0

# page-validation takes a CR that ends the data of a stream for a part of the line end that follows, and then finds one
# byte less than /Length says (findings/page_validation_stream_ends_in_cr.sh). One compressed stream in 256 ends so.
LENGTH = "PDFA3A-STREAM-LENGTH-001"


def lengths_hold(file):
    """Whether every stream has the length that it states, and one of them ends in CR."""
    data = open(file, "rb").read()
    at, ends_in_cr = 0, False
    while found := re.compile(rb">>\s*stream\r?\n").search(data, at):
        head = data[data.rfind(b" obj", 0, found.start()) : found.start()]
        length = re.search(rb"/Length\s+(\d+)(?!\s+\d+\s+R)", head)
        end = found.end() + int(length[1]) if length else 0
        if not re.compile(rb"\r?\nendstream").match(data, end):
            return False
        ends_in_cr |= data[end - 1 : end] == b"\r"
        at = end
    return ends_in_cr


if importlib.util.find_spec("page") and importlib.util.find_spec("page._page"):
    import page

    asked += 1
    for file in files:
        for profile in ("3a", "ua1"):
            report = page.validate_pdf(file, profile=profile)
            failures = list(report.failures)
            if any(f.rule_id == LENGTH for f in failures) and lengths_hold(file):
                failures = [f for f in failures if f.rule_id != LENGTH]
                print(f"  a stream ends in CR: {LENGTH} is passed over, its length was checked here")
            conforms = report.is_compliant or (bool(report.failures) and not failures)
            said = "conforms" if conforms else "does NOT conform"
            print(f"page-validation {version('page-validation')}: {file}: {profile} {said}")
            for failure in failures:
                print(f"  {failure}")
            wrong += not conforms
else:
    print("skipped: page-validation is not installed")

if shutil.which("outloud"):
    asked += 1
    wrong += subprocess.run(["outloud", "--quiet", *files], check=False).returncode != 0
else:
    print("skipped: outloud is not installed")

sys.exit(1 if wrong else 0 if asked else 77)
