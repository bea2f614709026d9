"""Lays PDFs before public validators: PDF/A-3a and PDF/UA-1 (page-validation), PDF/UA-1 (outloud).

    python3 -m pip install page-validation==0.11.0 outloud==0.2.1
    python3 .ci/pdf.py FILE...

A validator that is not installed is named and skipped; exit code 1 where one finds an error, 77 where none is there.
"""

import importlib.util
import shutil
import subprocess
import sys
from importlib.metadata import version

files = sys.argv[1:]
asked, wrong = 0, 0

if importlib.util.find_spec("page") and importlib.util.find_spec("page._page"):
    import page

    asked += 1
    for file in files:
        for profile in ("3a", "ua1"):
            report = page.validate_pdf(file, profile=profile)
            said = "conforms" if report.is_compliant else "does NOT conform"
            print(f"page-validation {version('page-validation')}: {file}: {profile} {said}")
            for failure in report.failures:
                print(f"  {failure}")
            wrong += not report.is_compliant
else:
    print("skipped: page-validation is not installed")

if shutil.which("outloud"):
    asked += 1
    wrong += subprocess.run(["outloud", "--quiet", *files], check=False).returncode != 0
else:
    print("skipped: outloud is not installed")

sys.exit(1 if wrong else 0 if asked else 77)
