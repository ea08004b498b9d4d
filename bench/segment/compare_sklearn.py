"""Compares `mirante segment` with pandas + scikit-learn on generated corpora: the label of every row.

    python compare_sklearn.py MIRANTE [--cases 60] [--rows 100,1000,5000]

The number of terms is lowered until none tie at its boundary, where scikit-learn's choice is that of
an unstable sort; a corpus without such a number is skipped and counted. Exits with 1 where a label
differs.
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
FEWEST = 10


def term_totals(path):
    """How often each term of a corpus occurs, most often first."""
    table = pd.read_csv(path)
    texts = table[["dor_base", "solucao_graventum"]].fillna("").agg(" ".join, axis=1)
    counts = CountVectorizer(min_df=2, max_df=0.95).fit_transform(texts).sum(axis=0)
    return np.sort(np.asarray(counts).ravel())[::-1]


def ties(path, limit):
    """Whether terms tie at the boundary of `limit` terms."""
    totals = term_totals(path)
    return len(totals) > limit and totals[limit - 1] == totals[limit]


def untied(path, limit):
    """The most terms up to `limit` at whose boundary none tie."""
    totals = term_totals(path)
    while 0 < limit < len(totals) and totals[limit - 1] == totals[limit]:
        limit -= 1
    return limit


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mirante")
    parser.add_argument("--cases", type=int, default=60)
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
            given = ["--clusters", str(random.randint(2, 16)), "--seed", str(case), "--n-init", str(random.choice(["1", "3", "10", "auto"]))]
            corpus = folder / "corpus.csv"
            topics = str(random.randint(2, 16))
            subprocess.run([sys.executable, HERE / "make_corpus.py", str(rows), corpus, "--seed", str(case), "--topics", topics], check=True)
            limit = untied(corpus, limit)
            if limit < FEWEST:
                skipped += 1
                continue
            settings = [*given, "--max-features", str(limit)]
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
