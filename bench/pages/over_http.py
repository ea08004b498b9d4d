"""How soon a page of rows is answered over HTTP, as the screen asks for it: `mirante serve` on a home
of its own imports a generated table, then every kind of view is asked for anew and paged through.

    python over_http.py MIRANTE [--rows 1000000] [--seed 2] [--work FOLDER]

"first" is the view's first page with all that is worked out for it, the median of views that differ
and were never asked for; "later" is the median of 20 further pages, anywhere in the view.
"""

import argparse
import http.client
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
TOKEN = "bench-token-0123456789"
WORDS = ["prazo", "boleto", "quegas", "ão", "quitar", "não há isto aqui", "e", "tadece", "çazijar quegas", "1999"]


class Program:
    """A server of its own, and one connection to it."""

    def __init__(self, mirante, home):
        command = [mirante, "--quiet", "--home", home, "serve", "--port", "0", "--token", TOKEN]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        address = self.process.stdout.readline().split()[-1].split("/")[2]
        self.connection = http.client.HTTPConnection(address)

    def ask(self, operation, **request):
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        self.connection.request("POST", f"/api/{operation}", json.dumps(request), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status >= 300:
            sys.exit(f"{operation}: {answer.status} {body[:300]}")
        return body


def milliseconds(work):
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


parser = argparse.ArgumentParser()
parser.add_argument("mirante")
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--seed", default="2")
parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/bench"))
options = parser.parse_args()

options.work.mkdir(parents=True, exist_ok=True)
table = options.work / f"corpus-{options.rows}-{options.seed}.csv"
if not table.exists():
    part = table.with_suffix(".part")
    make = [sys.executable, str(HERE.parent / "segment/make_corpus.py"), str(options.rows), str(part), "--seed", options.seed]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
    part.rename(table)


def views(sample):
    """Kinds of view, each with several that have no work in common."""
    filters = lambda column, test, values: [{"filters": [{"column": column, "test": test, "value": value}]} for value in values]
    yield "whole table", [{}]
    yield "sorted by number", [{"sort": {"column": "valor"}}]
    yield "sorted by text", [{"sort": {"column": "dor_base"}}]
    yield "search", [{"search": word} for word in WORDS]
    yield "contains", filters("dor_base", "contains", WORDS)
    yield "equals (text)", filters("dor_base", "equals", sample)
    yield "at least (number)", filters("valor", "at_least", ["10", "500", "2500", "7000", "9999"])
    yield "at most (text)", filters("dor_base", "at_most", ["b", "m", "prazo", "x", "zz"])
    yield "missing", filters("solucao_graventum", "missing", [""])


with tempfile.TemporaryDirectory(prefix="mirante-bench-") as home:
    program = Program(options.mirante, home)
    try:
        took = milliseconds(lambda: program.ask("import?wait=true", path=str(table.resolve())))
        print(f"{options.rows:,} rows, {table.stat().st_size / 1e6:.0f} MB, imported in {took / 1000:.1f} s; milliseconds:")
        page = json.loads(program.ask("rows", dataset=1, limit=5, offset=options.rows // 2))
        column = [one["name"] for one in json.loads(program.ask("dataset", dataset=1))["columns"]].index("dor_base")
        sample = [row["cells"][column] for row in page["rows"] if row["cells"][column]]
        for name, kind in views(sample):
            first, later = [], []
            for view in kind:
                answers = []
                first.append(milliseconds(lambda: answers.append(program.ask("rows", dataset=1, view=view))))
                total = json.loads(answers[0])["total"]
                for place in itertools.islice(itertools.count(7919, 104_729), 20):
                    later.append(milliseconds(lambda: program.ask("rows", dataset=1, view=view, offset=place % max(1, total))))
            print(f"  {name:18} first {statistics.median(first):7.1f} (most {max(first):7.1f})   later {statistics.median(later):5.1f} (most {max(later):5.1f})")
        for name in ("id", "dor_base", "valor"):
            print(f"  statistics of {name:9} {milliseconds(lambda: program.ask('column_stats', dataset=1, column=name)):9.1f}")
    finally:
        program.process.kill()
        program.process.wait()
