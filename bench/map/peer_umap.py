"""Compares the map's layout with umap-learn: the same rows to both, quality and CPU time of each.

    cargo build --release -p mirante-data --example project2d_layout
    python bench/map/peer_umap.py --layout target/release/examples/project2d_layout \
        --data DATA [--rows 10000] [--kinds reviews,sentences,generated]

umap-learn is warmed up on a small set first, and the CPU time of its fit alone counts; it may use
all cores, which its fixed seed forbids (`--peer-seed` gives it one). Trustworthiness at k = 15,
over all rows up to 10,000 and over 2,000 rows chosen by seed beyond. Pinned: umap-learn 0.5.12,
scikit-learn 1.9.1.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import numpy
import umap
from sklearn.manifold import trustworthiness

import corpora

K = 15
ALL_ROWS = 10_000
SAMPLE = 2_000


def judge(high, low):
    """Trustworthiness, exact for few rows and sampled for many."""
    if len(high) <= ALL_ROWS:
        return trustworthiness(high, low, n_neighbors=K)
    chosen = numpy.random.default_rng(0).choice(len(high), SAMPLE, replace=False)
    high, low = high.astype(numpy.float64), low.astype(numpy.float64)
    penalty = 0
    for row in chosen:
        near = ((low - low[row]) ** 2).sum(1)
        near[row] = numpy.inf
        near = numpy.argpartition(near, K)[:K]
        far = ((high - high[row]) ** 2).sum(1)
        far[row] = numpy.inf
        ranks = (far[None, :] < far[near][:, None]).sum(1) + 1
        penalty += numpy.maximum(ranks - K, 0).sum()
    n = len(high)
    return 1 - penalty / SAMPLE * 2 / (K * (2 * n - 3 * K - 1))


def cpu():
    """CPU seconds of this process and its threads so far."""
    times = os.times()
    return times.user + times.system


def peer(high, seed):
    """umap-learn's points, wall and CPU seconds."""
    start, start_cpu = time.perf_counter(), cpu()
    low = umap.UMAP(n_neighbors=K, random_state=seed, low_memory=False).fit_transform(high)
    return low, time.perf_counter() - start, cpu() - start_cpu


def own(layout, high, seed):
    """The layout's points, wall and CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = (str(pathlib.Path(folder) / name) for name in ("in.npy", "out.npy"))
        numpy.save(source, high)
        run = subprocess.run(
            [layout, source, target, str(seed)], check=True, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )
        spent = json.loads(run.stdout)
        return numpy.load(target), spent["wall"], spent["cpu"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--layout", required=True, help="the built example project2d_layout")
    arguments.add_argument("--data", required=True, help="folder with olist, lener-br, retrieval-pt")
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--kinds", default=",".join(corpora.KINDS))
    arguments.add_argument("--seed", type=int, default=42)
    arguments.add_argument("--peer-seed", type=int, default=None)
    arguments.add_argument("--cache", help="folder that keeps rows and umap-learn's results")
    given = arguments.parse_args()

    warm = False
    print(f"{'rows':>8} {'kind':10} {'':11} {'trust':>7} {'wall s':>8} {'CPU s':>8}", flush=True)
    for kind in given.kinds.split(","):
        kept = given.cache and pathlib.Path(given.cache) / f"{kind}-{given.rows}"
        if kept and kept.with_suffix(".npy").exists():
            high = numpy.load(kept.with_suffix(".npy"))
        else:
            high = corpora.rows(kind, given.rows, given.data)
            if kept:
                numpy.save(kept.with_suffix(".npy"), high)
        low, wall, spent = own(given.layout, high, given.seed)
        ours = judge(high, low)
        print(f"{len(high):8} {kind:10} {'layout':11} {ours:7.4f} {wall:8.2f} {spent:8.2f}", flush=True)
        if kept and kept.with_suffix(".json").exists():
            theirs, peer_wall, peer_spent = json.loads(kept.with_suffix(".json").read_text())
        else:
            if not warm:
                peer(numpy.random.default_rng(0).normal(size=(5000, 50)).astype("f4"), given.peer_seed)
                warm = True
            points, peer_wall, peer_spent = peer(high, given.peer_seed)
            theirs = judge(high, points)
            if kept:
                kept.with_suffix(".json").write_text(json.dumps([theirs, peer_wall, peer_spent]))
        print(f"{len(high):8} {kind:10} {'umap-learn':11} {theirs:7.4f} {peer_wall:8.2f} {peer_spent:8.2f}")
        passed = ours >= theirs and spent * 4 <= peer_spent
        print(f"{'':19} CPU {spent / peer_spent:.3f} of it: {'passes' if passed else 'FAILS'}", flush=True)


if __name__ == "__main__":
    main()
