"""Embedding and writing on a graphics card: Mirante against sentence-transformers and transformers, 16-bit,
on the same card in one run.

    bench/gpu/peers.py PROGRAM MODEL [--device cuda:0] [--runs 3]

MODEL is the folder that `scripts/sentence-model` prints. Wants a torch that knows the card, and
bench/embed/requirements.txt. Reading models does not count.
"""

import argparse
import csv
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
SAMPLE = HERE.parent.parent / "datasets/dores_solucoes.csv"
TEXTS = 20_000
BATCH = 256
TOKENS = 256
PROMPT = " ".join("o cliente reclama do prazo de entrega e pede a devolução do boleto pago em duplicidade".split() * 2)


def own(program, *arguments):
    command = [program, "--quiet", *arguments, "--json"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def embedding(program, model, device, runs, folder):
    import numpy
    import sentence_transformers
    import torch

    with open(SAMPLE, encoding="utf-8") as file:
        words = " ".join(" ".join(row.values()) for row in csv.DictReader(file)).split()
    chance = random.Random(7)
    texts = [" ".join(chance.choices(words, k=chance.randint(5, 60))) for _ in range(TEXTS)]
    table, out = folder / "texts.csv", folder / "vectors.npy"
    with open(table, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *([text] for text in texts)])
    peer = sentence_transformers.SentenceTransformer(model, device=device.replace("metal", "mps")).half()
    peer.encode(texts[:BATCH], batch_size=BATCH)
    ours, theirs = [], []
    for _ in range(runs):
        said = own(program, "embed", "--normalize", "--model", model, "--device", device, "--precision", "f16",
                   "--batch", str(BATCH), "--csv", str(table), "--text-col", "text", "--out", str(out))
        ours.append(TEXTS / said["seconds"]["embed"])
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        began = time.perf_counter()
        vectors = peer.encode(texts, batch_size=BATCH, normalize_embeddings=True)
        theirs.append(TEXTS / (time.perf_counter() - began))
    cosines = (numpy.load(out).astype("f4") * vectors.astype("f4")).sum(1)
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print(f"embedding, f16, {TEXTS:,} texts, batch {BATCH}: mirante {ours:.0f} texts/s, sentence-transformers "
          f"{theirs:.0f} texts/s; ratio {ours / theirs:.2f}; least cosine {cosines.min():.5f}")


def writing(program, device, runs, folder):
    import torch
    import transformers

    model = str(folder / "writer")
    make = HERE.parent / "generate/peers.py"
    subprocess.run([sys.executable, make, program, "--make", model, "--kind", "float16"], check=True)
    there = device.replace("metal", "mps")
    peer = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float16).eval().to(there)
    ids = transformers.AutoTokenizer.from_pretrained(model)(PROMPT, add_special_tokens=False)["input_ids"]
    ids = torch.tensor([ids], device=there)
    ours, theirs = [], []
    for _ in range(runs):
        said = own(program, "generate", "--model", model, "--device", device, "--precision", "f16",
                   "--prompt", PROMPT, "--max-tokens", str(TOKENS), "--temperature", "0")
        ours.append(said["tokens"] / said["seconds"])
        began = time.perf_counter()
        with torch.no_grad():
            peer.generate(ids, max_new_tokens=TOKENS, do_sample=False, use_cache=True)[0].tolist()
        theirs.append(TOKENS / (time.perf_counter() - began))
    # The first of each warms the card up.
    ours, theirs = statistics.median(ours[1:]), statistics.median(theirs[1:])
    print(f"writing, f16, {TOKENS} tokens: mirante {ours:.1f} tokens/s, transformers {theirs:.1f} tokens/s; "
          f"ratio {ours / theirs:.2f}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("model")
    arguments.add_argument("--device", default="cuda:0")
    arguments.add_argument("--runs", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        embedding(given.program, given.model, given.device, given.runs, folder)
        writing(given.program, given.device, given.runs + 1, folder)


main()
