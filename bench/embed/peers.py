"""Embedding with all-MiniLM-L6-v2: Mirante, sentence-transformers and ONNX Runtime in one run, two threads,
tokenising included; the first two in bf16 too, Mirante in int8 as well. Prints texts a second, peak memory,
the time from start to the first vector, their ratios, the largest difference between the vectors, and their
cosines to Mirante's in single precision.

    python peers.py MIRANTE MODEL [--runs 3] [--work FOLDER]

MODEL is the folder that `scripts/sentence-model` prints.
"""

import argparse
import csv
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

import numpy
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent
SAMPLE = HERE.parent.parent / "datasets/dores_solucoes.csv"
# Texts, and from how many to how many tokens each has.
SETS = {"short": (2000, 10, 40), "long": (500, 100, 256)}


def texts_of(count, least, most, tokenizer, words, chance):
    texts = []
    while len(texts) < count:
        wanted, text = chance.randint(least, most), []
        while len(tokenizer.encode(" ".join(text)).ids) < wanted:
            text.append(chance.choice(words))
        if len(tokenizer.encode(" ".join(text)).ids) <= most:
            texts.append(" ".join(text))
    return texts


def run(command, input=None):
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if input is not None:
        process.stdin.write(input)
    process.stdin.close()
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command} ended with {status}")
    return {"said": said, "wall": time.perf_counter() - began, "peak": used.ru_maxrss / 1024}


parser = argparse.ArgumentParser()
parser.add_argument("mirante")
parser.add_argument("model", type=pathlib.Path)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/bench"))
options = parser.parse_args()
options.work.mkdir(parents=True, exist_ok=True)
model = str(options.model.resolve())
peer = [sys.executable, str(HERE / "peer.py")]
if not options.model.resolve().with_suffix(".onnx").exists():
    run([*peer, "export", model])

tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
tokenizer.no_truncation()
tokenizer.no_padding()
with open(SAMPLE, encoding="utf-8") as file:
    words = " ".join(" ".join(row.values()) for row in csv.DictReader(file)).split()
chance = random.Random(7)

# Each with what of Mirante's it is compared with.
NAMES = {
    "mirante": "mirante",
    "sentence-transformers": "mirante",
    "onnxruntime": "mirante",
    "mirante-bf16": "mirante-bf16",
    "sentence-transformers-bf16": "mirante-bf16",
    "mirante-int8": "mirante-int8",
}
for name, (count, least, most) in SETS.items():
    texts = texts_of(count, least, most, tokenizer, words, chance)
    plain, table = options.work / f"texts-{name}.txt", options.work / f"texts-{name}.csv"
    plain.write_text("\n".join(texts), encoding="utf-8")
    with open(table, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    out = {one: options.work / f"vectors-{name}-{one}.npy" for one in NAMES}
    rates, peaks = {one: [] for one in NAMES}, {}
    for _ in range(options.runs):
        for one in NAMES:
            if one.startswith("mirante"):
                precision = one.partition("-")[2] or "f32"
                done = run([options.mirante, "--quiet", "--threads", "2", "embed", "--json", "--normalize", "--model", model,
                            "--precision", precision, "--csv", str(table), "--text-col", "text", "--out", str(out[one])])
                seconds = json.loads(done["said"])["seconds"]["embed"]
            else:
                done = run([*peer, one, model, str(plain), str(out[one])])
                seconds = json.loads(done["said"])["seconds"]
            rates[one].append(count / seconds)
            peaks[one] = done["peak"]
    print(f"{count:,} texts of {least} to {most} tokens, medians of {options.runs} runs")
    vectors = {one: numpy.load(out[one]) for one in NAMES}
    for one, ours in NAMES.items():
        rate = statistics.median(rates[one])
        ratio = statistics.median(rates[ours]) / rate
        apart = abs(vectors[one] - vectors["mirante"]).max()
        cosines = (vectors[one] * vectors["mirante"]).sum(axis=1)
        print(f"  {one:26} {rate:7.1f} texts/s   peak {peaks[one]:6.0f} MB   {ours} is {ratio:.2f} times as fast, "
              f"vectors within {apart:.1e}, cosines {cosines.min():.5f} at least, {cosines.mean():.5f} in the mean")

print("from start to the first vector, medians")
starts = {one: [] for one in ["mirante", "sentence-transformers", "onnxruntime"]}
for _ in range(options.runs):
    for one in starts:
        if one == "mirante":
            done = run([options.mirante, "--quiet", "embed", "--stdin", "--model", model], "prazo de entrega".encode())
        else:
            done = run([*peer, one, model])
        starts[one].append(done["wall"])
for one in starts:
    start = statistics.median(starts[one])
    print(f"  {one:26} {start:6.2f} s   {start / statistics.median(starts['mirante']):5.1f} times mirante's")
