"""Imports of files larger than any publisher's, to see that memory does not grow with them.

    python3 benches/large_import.py make 250 large.csv
    python3 benches/large_import.py run large.csv PROGRAM [PROGRAM …] [-- ARGUMENTS OF import]
    python3 benches/large_import.py hostile FOLDER PROGRAM

`make` writes a table in the form of UNHCR's population of so many megabytes, every row with a key of its own. `run`
imports it with each program (`target/release/wegen`, that of an earlier build) into a fresh ledger and prints wall,
CPU and the peak of memory. `hostile` makes files that are wide, long, deep or packed beyond reason, and imports each.
"""

import csv
import gzip
import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile

HEADER = (
    "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,"
    "stateless,ooc,oip,hst\n"
)
MB = 1_000_000


def make(megabytes, path):
    with open("registry/countries.csv", newline="", encoding="utf-8") as table:
        countries = [(row["iso3"], row["en"].replace(",", "")) for row in csv.DictReader(table)]
    countries = [(code, name) for code, name in countries if len(code) == 3]
    written = 0
    with open(path, "w", encoding="utf-8") as out:
        written += out.write(HEADER)
        for year in range(1951, 2200):
            for origin, origin_name in countries:
                rows = []
                for n, (asylum, asylum_name) in enumerate(countries):
                    count = (year * 31 + n * 17) % 90_000
                    rows.append(
                        f"{year},{origin_name},{origin},{origin},{asylum_name},{asylum},{asylum},"
                        f"{count},{count // 7},0,{count // 3},0,0,{n},,0\n"
                    )
                written += out.write("".join(rows))
                if written >= megabytes * MB:
                    return
    sys.exit(f"only {written // MB} MB of different keys")


def measured(command):
    """Wall and CPU in seconds, the peak of memory in MB, the exit code and the last line."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    last = said.strip().splitlines()[-1:] or [""]
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), last[0]


def run(path, programs, arguments):
    print(f"{os.path.getsize(path) / MB:.0f} MB\n| program | wall | CPU | peak of memory | exit |\n|---|---|---|---|---|")
    for program in programs:
        with tempfile.TemporaryDirectory(dir=os.environ.get("WEGEN_BENCH")) as ledger:
            command = [program, "--ledger", ledger, "--quiet", "import", path, "--source", "unhcr-population"]
            wall, cpu, peak, code, last = measured([*command, *arguments])
        print(f"| {program} | {wall:.1f} s | {cpu:.1f} s | {peak:.0f} MB | {code} |" + (f" {last}" if code else ""))


def make_hostile(folder):
    row = "2024,Syria,SYR,SYR,Türkiye,TUR,TUR,1,2,0,0,0,0,0,,0\n"
    item = '{"year": 2024, "coo_iso": "SYR", "coa_iso": "TUR"'
    deep = 200_000

    def packed(make_open):
        out = io.BytesIO()
        with make_open(out) as writer:
            for _ in range(3_000):
                writer.write((row * 20_000).encode())
        return out.getvalue()

    def zipped(out):
        archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        writer = archive.open("population.csv", "w", force_zip64=True)
        close = writer.close
        writer.close = lambda: (close(), archive.close())
        return writer

    def workbook():
        out = io.BytesIO()
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        of = "http://schemas.openxmlformats.org/package/2006/relationships"
        cells = "".join(f'<c r="{chr(65 + n)}ROW"><v>1</v></c>' for n in range(20))
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "_rels/.rels",
                f'<Relationships xmlns="{of}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
                "</Relationships>",
            )
            archive.writestr(
                "xl/workbook.xml",
                f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="MASTER LIST (ADMIN2)" sheetId="1" '
                'r:id="s"/></sheets></workbook>',
            )
            archive.writestr(
                "xl/_rels/workbook.xml.rels",
                f'<Relationships xmlns="{of}"><Relationship Id="s" Type="{office}/worksheet" '
                'Target="worksheets/sheet1.xml"/></Relationships>',
            )
            rows = "".join(f'<row r="{n}">{cells.replace("ROW", str(n))}</row>' for n in range(1, 300_001))
            archive.writestr(
                "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
            )
        return out.getvalue()

    files = {
        "one-line.csv": lambda: ("x" * (500 * MB)).encode(),
        "one-cell.csv": lambda: (HEADER + row + '2024,"' + "x" * (100 * MB)).encode(),
        "commas.csv": lambda: (HEADER + row + "," * (100 * MB)).encode(),
        "million-columns.csv": lambda: (",".join(f"c{n}" for n in range(1_000_000)) + "\n").encode(),
        "one-name.csv": lambda: ("year," * 1_000_000 + "year\n").encode(),
        "members.json": lambda: ('{"items": [' + ",".join(f'{item}, "m{n}": 1}}' for n in range(200_000)) + "]}").encode(),
        "members-of-one.json": lambda: ('{"items": [{' + ",".join(f'"m{n}": 1' for n in range(300_000)) + "}]}").encode(),
        "long-text.json": lambda: ('{"items": [{"year": "' + "x" * (100 * MB) + '"}]}').encode(),
        "deep.json": lambda: ('{"items": [{"year": ' + "[" * deep + "]" * deep + "}]}").encode(),
        "numbers.json": lambda: ('{"items": [{"year": [' + "1," * (50 * MB) + "1]}]}").encode(),
        "packed.csv.gz": lambda: packed(lambda out: gzip.GzipFile(fileobj=out, mode="w")),
        "packed.zip": lambda: packed(zipped),
        "places.geojson": lambda: (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {"type": '
            '"Polygon", "coordinates": [[' + "[1,2]," * 10_000_000 + "[1,2]]]}}]}"
        ).encode(),
        "topology.json": lambda: ('{"type": "Topology", "arcs": [[' + "[1,2]," * 5_000_000 + "[1,2]]]}").encode(),
        "cells.xlsx": workbook,
    }
    os.makedirs(folder, exist_ok=True)
    for name, content in files.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            with open(path, "wb") as out:
                out.write(content())


def hostile(folder, program):
    # In a process of its own: a child is charged with the memory of the one that began it.
    subprocess.run([sys.executable, __file__, "make-hostile", folder], check=True)
    print("| file | size | wall | peak of memory | exit | message |\n|---|---|---|---|---|---|")
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        source = {"geojson": "ocha-cod-ab", "xlsx": "iom-dtm"}.get(name.rpartition(".")[2], "unhcr-population")
        source = "ocha-cod-ab" if name == "topology.json" else source
        with tempfile.TemporaryDirectory() as ledger:
            command = [program, "--ledger", ledger, "--quiet", "import", path, "--source", source, "--dry-run"]
            wall, _, peak, code, last = measured(["timeout", "300", *command])
        size = os.path.getsize(path) / MB
        print(f"| {name} | {size:.0f} MB | {wall:.1f} s | {peak:.0f} MB | {code} | {last[:200]} |", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", megabytes, path]:
            make(int(megabytes), path)
        case ["run", path, *programs]:
            at = programs.index("--") if "--" in programs else len(programs)
            run(path, programs[:at], programs[at + 1 :])
        case ["make-hostile", folder]:
            make_hostile(folder)
        case ["hostile", folder, program]:
            hostile(folder, program)
        case _:
            sys.exit(__doc__)
