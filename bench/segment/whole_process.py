"""Whole processes side by side: `mirante segment` and pandas + scikit-learn on one generated file
with the same settings, in turn. Prints wall and CPU seconds, those of the k-means stage alone (with
Mirante's, the judging of its result), peak memory, their ratios, and whether all labels are the same.

    python whole_process.py MIRANTE [--rows 100000] [--runs 3] [--seed 2] [--work FOLDER] [--alone]

With `--alone` the peer is left out, for sizes that it has no memory for.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def run(command):
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} ended with {status}")
    wall = time.perf_counter() - began
    stage = json.loads(said)["seconds"]["cluster"]
    return {"wall": wall, "kmeans": stage, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}


def last_cells(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").rsplit(",", 1)[1] for line in file]


parser = argparse.ArgumentParser()
parser.add_argument("mirante")
parser.add_argument("--rows", type=int, default=100_000)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--seed", default="2")
parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/bench"))
parser.add_argument("--alone", action="store_true")
options = parser.parse_args()

options.work.mkdir(parents=True, exist_ok=True)
table = options.work / f"corpus-{options.rows}-{options.seed}.csv"
if not table.exists():
    part = table.with_suffix(".part")
    make = [sys.executable, str(HERE / "make_corpus.py"), str(options.rows), str(part), "--seed", options.seed]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
    part.rename(table)
outs = {"mirante": options.work / "mirante.csv", "peer": options.work / "peer.csv"}
commands = {
    "mirante": [options.mirante, "--quiet", "segment", "--json", "--csv", str(table), "--out", str(outs["mirante"])],
    "peer": [sys.executable, str(HERE / "peer_sklearn.py"), str(table), str(outs["peer"])],
}
if options.alone:
    del commands["peer"]
measured = {name: [] for name in commands}
for _ in range(options.runs):
    for name, command in commands.items():
        measured[name].append(run(command))

print(f"{options.rows:,} rows, {table.stat().st_size / 1e6:.0f} MB, {options.runs} runs, medians")
medians = {
    name: {key: statistics.median(one[key] for one in runs) for key in runs[0]}
    for name, runs in measured.items()
}
for name, figures in medians.items():
    print(f"  {name:8} wall {figures['wall']:8.2f} s   k-means {figures['kmeans']:7.2f} s   cpu {figures['cpu']:8.2f} s   peak {figures['peak']:8.0f} MB")
if options.alone:
    sys.exit(0)
ratio = {key: medians["peer"][key] / medians["mirante"][key] for key in medians["peer"]}
print(f"  peer / mirante: wall {ratio['wall']:.1f}   k-means {ratio['kmeans']:.1f}   cpu {ratio['cpu']:.1f}   peak {ratio['peak']:.1f}")
same = last_cells(outs["mirante"])[1:] == last_cells(outs["peer"])[1:]
if not same:
    # Only now: a child's peak memory counts what this process held when it was forked.
    from compare_sklearn import ties
if not same and ties(table, 500):
    # scikit-learn's choice among terms of equal count is that of an unstable sort.
    print("  labels not comparable: terms tie at the max_features boundary (take another --seed)")
    same = None
else:
    print(f"  labels {'all the same' if same else 'DIFFER'}")
print(json.dumps({"rows": options.rows, "ratio": ratio, "same": same}))
sys.exit(1 if same is False else 0)
