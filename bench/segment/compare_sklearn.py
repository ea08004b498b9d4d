"""Compares `mirante segment` with pandas + scikit-learn on generated corpora: the label of every row.

    python compare_sklearn.py MIRANTE [--cases 200] [--rows 100,1000,5000]

Corpora whose terms tie at the `max_features` boundary are skipped and counted: scikit-learn's
choice there is that of an unstable sort. Exits with 1 where a label differs.
"""

import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer

HERE = pathlib.Path(__file__).parent


def ties(path, limit):
    table = pd.read_csv(path)
    texts = table[["dor_base", "solucao_graventum"]].fillna("").agg(" ".join, axis=1)
    counts = CountVectorizer(min_df=2, max_df=0.95).fit_transform(texts).sum(axis=0)
    totals = np.sort(np.asarray(counts).ravel())[::-1]
    return len(totals) > limit and totals[limit - 1] == totals[limit]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mirante")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--rows", default="100,1000,5000")
    options = parser.parse_args()
    sizes = [int(rows) for rows in options.rows.split(",")]
    compared = skipped = 0
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for case in range(options.cases):
            random = np.random.RandomState(case)
            rows = sizes[case % len(sizes)]
            limit = int(random.choice([50, 100, 200, 500]))
            settings = ["--clusters", str(random.randint(2, 16)), "--max-features", str(limit), "--seed", str(case), "--n-init", str(random.choice(["1", "3", "10", "auto"]))]
            corpus = folder / "corpus.csv"
            topics = str(random.randint(2, 16))
            subprocess.run([sys.executable, HERE / "make_corpus.py", str(rows), corpus, "--seed", str(case), "--topics", topics], check=True)
            if ties(corpus, limit):
                skipped += 1
                continue
            subprocess.run(
                [sys.executable, HERE / "peer_sklearn.py", corpus, folder / "peer.csv", "--labels", folder / "labels", *settings],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            subprocess.run(
                [options.mirante, "segment", "--csv", corpus, "--out", folder / "own.csv", "--label-col", "segmento", *settings],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            theirs = np.loadtxt(folder / "labels", dtype=int, ndmin=1).tolist()
            with open(folder / "own.csv", newline="", encoding="utf-8") as file:
                own = [int(row["segmento"]) for row in csv.DictReader(file)]
            compared += 1
            if own != theirs:
                apart = sum(a != b for a, b in zip(own, theirs))
                wrong.append(f"case {case}: {apart} of {rows} labels differ; {' '.join(settings)}")
    print(f"{compared} corpora compared, {len(wrong)} differ, {skipped} skipped for a tie at the boundary")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
