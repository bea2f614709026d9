#!/usr/bin/env bash
# page-validation 0.11.0 (PDF/A-3a) says that a correct /Length is wrong where the data of a stream ends with CR.
#
# A writer that ends each stream with LF and `endstream` writes CR LF there when the last byte of the data is CR. The
# length counts that CR (ISO 32000-1, 7.3.8.1); qpdf (through pikepdf 10.2.0) reads all of the data by it and has
# nothing to say. page-validation takes CR LF as one end of line and finds one byte less than /Length says. The last
# byte of compressed data is any byte, so about one stream in 256 meets this: the same report passes one day, and fails
# the next with nothing but its numbers changed. Data that ends with LF, or with CR LF, is counted right.
#
# Seen on 2026-11-30:
#   data ends with 'Q ': no complaint of the length; qpdf reads 4 bytes
#   data ends with CR: PDFA3A-STREAM-LENGTH-001; qpdf reads 4 bytes
#   data ends with LF: no complaint of the length; qpdf reads 4 bytes
#   data ends with CR LF: no complaint of the length; qpdf reads 5 bytes
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check page-validation==0.11.0 pikepdf==10.2.0
cd "$folder"
cat >try.py <<'PY'
import page
import pikepdf


def pdf(data):
    """A page whose content is `data`, with each length and offset counted."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(data), data),
    ]
    out, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


seen = {}
for name, data in {"'Q '": b"q Q ", "CR": b"q Q\r", "LF": b"q Q\n", "CR LF": b"q Q\r\n"}.items():
    with open("page.pdf", "wb") as file:
        file.write(pdf(data))
    failures = {str(f.rule_id) for f in page.validate_pdf("page.pdf", profile="3a").failures}
    wrong = "PDFA3A-STREAM-LENGTH-001" in failures
    with pikepdf.open("page.pdf") as read:
        assert read.check_pdf_syntax() == [], "qpdf finds the file sound"
        length = len(read.pages[0].Contents.read_raw_bytes())
    assert length == len(data)
    said = "PDFA3A-STREAM-LENGTH-001" if wrong else "no complaint of the length"
    print(f"data ends with {name}: {said}; qpdf reads {length} bytes")
    seen[name] = wrong
assert seen == {"'Q '": False, "CR": True, "LF": False, "CR LF": False}, seen
PY
"$folder/venv/bin/python" try.py
