"""The peer: pandas and scikit-learn on the same file with the same settings as `mirante segment`.
Prints seconds a stage and the peak memory as JSON.

    python peer_sklearn.py IN.csv OUT.csv [--clusters 8] [--max-features 500] [--n-init 10] …
"""

import argparse
import json
import resource
import time

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer


def number(text):
    return int(text) if text.isdigit() else float(text)


parser = argparse.ArgumentParser()
parser.add_argument("csv")
parser.add_argument("out")
parser.add_argument("--text-col", action="append", default=None)
parser.add_argument("--clusters", type=int, default=8)
parser.add_argument("--max-features", type=int, default=500)
parser.add_argument("--min-df", type=number, default=2)
parser.add_argument("--max-df", type=number, default=0.95)
parser.add_argument("--n-init", default="10")
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--label-col", default="segmento")
parser.add_argument("--labels", help="also writes the labels alone, one a line")
options = parser.parse_args()
columns = options.text_col or ["dor_base", "solucao_graventum"]

seconds, cpu = {}, {}
last = (time.perf_counter(), time.process_time())


def stage(name):
    global last
    now = (time.perf_counter(), time.process_time())
    seconds[name], cpu[name] = round(now[0] - last[0], 3), round(now[1] - last[1], 3)
    last = now


table = pd.read_csv(options.csv)
stage("read")
texts = table[columns].fillna("").agg(" ".join, axis=1)
matrix = TfidfVectorizer(
    max_features=options.max_features, min_df=options.min_df, max_df=options.max_df
).fit_transform(texts)
stage("features")
n_init = options.n_init if options.n_init == "auto" else int(options.n_init)
model = KMeans(options.clusters, n_init=n_init, random_state=options.seed).fit(matrix)
stage("cluster")
table[options.label_col] = model.labels_
table.to_csv(options.out, index=False)
stage("write")
if options.labels:
    np.savetxt(options.labels, model.labels_, fmt="%d")
print(
    json.dumps(
        {
            "rows": len(table),
            "inertia": model.inertia_,
            "iterations": int(model.n_iter_),
            "counts": np.bincount(model.labels_, minlength=options.clusters).tolist(),
            "seconds": seconds,
            "cpu_seconds": cpu,
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    )
)
