"""Finding near vectors: Mirante's sketches against usearch and faiss (HNSW, f16, M=16), in one run.

    python bench/nearest/peers.py NEAREST_SPEED MIRANTE --model FOLDER --data FOLDER --work FOLDER [--rows 100000]

Vectors are those of all-MiniLM-L6-v2 of Portuguese sentences (LeNER-Br, Pirá and FaQuAD's passages; pairs
of neighbours where there are too few), and, for a case without any structure, random ones. The true
neighbours are numpy's, in single precision.
"""

import argparse
import csv
import json
import pathlib
import random
import resource
import subprocess
import time

import numpy

QUERIES = 1000
TOP = 10


def sentences(data, count):
    """Different short texts: sentences of at most 16 words, then joined halves of two."""
    own = []
    for name in ("train", "dev", "test"):
        for block in (data / f"lener-br/{name}.conll").read_text(encoding="utf-8").split("\n\n"):
            own.append(" ".join(line.split(" ")[0] for line in block.splitlines()))
    with open(data / "retrieval-pt/corpus.jsonl", encoding="utf-8") as file:
        for line in file:
            own.extend(json.loads(line)["text"].split(". "))
    with open(data / "olist/olist_comentarios.csv", newline="", encoding="utf-8") as file:
        own.extend(row["comentario"] for row in csv.DictReader(file))
    own = [" ".join(text.split()[:16]) for text in own]
    own = [text for text in dict.fromkeys(own) if len(text.split()) >= 4]
    choose = random.Random(3)
    choose.shuffle(own)
    seen = dict.fromkeys(own)
    while len(seen) < count:
        one, other = choose.sample(own, 2)
        one, other = one.split(), other.split()
        seen[" ".join(one[: len(one) // 2] + other[len(other) // 2 :])] = None
    return list(seen)[:count]


def embedded(mirante, model, texts, work):
    out = work / f"nearest-{len(texts)}.npy"
    if not out.exists():
        table = work / "nearest.csv"
        with open(table, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["texto"])
            writer.writerows([text] for text in texts)
        subprocess.run([mirante, "embed", "--csv", table, "--text-col", "texto", "--model", model,
                        "--out", out, "--normalize"], check=True)
    return numpy.load(out)


def truth(vectors, queries):
    best = []
    for some in numpy.array_split(queries, 20):
        scores = some @ vectors.T
        best.append(numpy.argpartition(-scores, TOP, axis=1)[:, :TOP])
    return numpy.concatenate(best)


def recall(found, wanted):
    return sum(len(set(one) & set(other)) for one, other in zip(found, wanted.tolist())) / wanted.size


def timed(search, queries):
    for query in queries[:50]:
        search(query)
    times, found = [], []
    for query in queries:
        began = time.perf_counter()
        found.append([int(row) for row in search(query)])
        times.append((time.perf_counter() - began) * 1e3)
    return found, numpy.percentile(times, 50), numpy.percentile(times, 99)


def usearch(vectors, queries, ef):
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f16", connectivity=16, expansion_add=128, expansion_search=ef)
    began = time.perf_counter()
    index.add(numpy.arange(len(vectors)), vectors, threads=2)
    build = time.perf_counter() - began
    return build, index.memory_usage / 1e6, timed(lambda query: index.search(query, TOP).keys, queries)


def faiss(vectors, queries, ef):
    import faiss

    faiss.omp_set_num_threads(2)
    index = faiss.IndexHNSWSQ(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 128, ef
    began = time.perf_counter()
    index.train(vectors)
    index.add(vectors)
    build = time.perf_counter() - began
    return build, float("nan"), timed(lambda query: index.search(query[None], TOP)[1][0], queries)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("nearest")
    arguments.add_argument("mirante")
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--data", required=True, type=pathlib.Path)
    arguments.add_argument("--work", required=True, type=pathlib.Path)
    arguments.add_argument("--rows", default=100_000, type=int)
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    texts = sentences(given.data, given.rows + QUERIES)
    random.Random(5).shuffle(texts)
    real = embedded(given.mirante, given.model, texts, given.work).astype("float32")
    rng = numpy.random.default_rng(7)
    noise = rng.standard_normal(real.shape, dtype="float32")
    noise /= numpy.linalg.norm(noise, axis=1, keepdims=True)
    for name, all_vectors in (("sentences", real), ("random", noise)):
        vectors, queries = all_vectors[:-QUERIES], all_vectors[-QUERIES:]
        wanted = truth(vectors, queries)
        base, asked, out = (given.work / f"nearest-{part}" for part in ("base.npy", "queries.npy", "found.json"))
        numpy.save(base, vectors)
        numpy.save(asked, queries)
        ran = subprocess.run([given.nearest, base, asked, str(TOP), out], check=True, stdout=subprocess.PIPE, text=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
        ours = json.loads(ran.stdout)
        share = recall(json.loads(out.read_text()), wanted)
        print(f"{name:10} mirante        build {ours['build_s']:7.2f} s  p50 {ours['p50_ms']:6.3f} ms  p99 {ours['p99_ms']:6.3f} ms  "
              f"recall@10 {share:.4f}  sketches {ours['sketches_mb']} MB  peak {peak:.0f} MB", flush=True)
        for peer in (usearch, faiss):
            for ef in (64, 128):
                build, memory, (found, p50, p99) = peer(vectors, queries, ef)
                print(f"{name:10} {peer.__name__:8} ef {ef:3} build {build:7.2f} s  p50 {p50:6.3f} ms  p99 {p99:6.3f} ms  "
                      f"recall@10 {recall(found, wanted):.4f}  index {memory:.0f} MB", flush=True)


main()
