"""Rows for the map's comparison: three kinds of Portuguese text as 50 numbers a row.

Each kind is turned into TF-IDF rows (at most 2,000 terms) and reduced by truncated SVD, as a map
of them would be. Texts are made unique first, so that the layouts are compared and not the ways
they treat equal rows.
"""

import csv
import json
import pathlib
import random

import numpy
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

KINDS = ("reviews", "sentences", "generated")


def texts(kind, count, data):
    """`count` different texts of a kind (fewer where the data hold no more)."""
    source = {"reviews": reviews, "sentences": sentences, "generated": generated}[kind]
    found = dict.fromkeys(source(pathlib.Path(data), count))
    return list(found)[:count]


def reviews(data, count):
    """Shop reviews; beyond those there are, two or three of them joined by a seeded choice."""
    with open(data / "olist/olist_comentarios.csv", newline="", encoding="utf-8") as file:
        own = [row["titulo"] + " " + row["comentario"] for row in csv.DictReader(file)]
    yield from own
    choose = random.Random(1)
    for _ in range(2 * count):
        yield " ".join(choose.sample(own, choose.choice((2, 3))))


def sentences(data, count):
    """Legal sentences, then scientific and encyclopaedic ones, then neighbouring pairs."""
    own = []
    for name in ("train", "dev", "test"):
        for block in (data / f"lener-br/{name}.conll").read_text(encoding="utf-8").split("\n\n"):
            own.append(" ".join(line.split(" ")[0] for line in block.splitlines()))
    with open(data / "retrieval-pt/corpus.jsonl", encoding="utf-8") as file:
        for line in file:
            own.extend(json.loads(line)["text"].split(". "))
    own = [text for text in dict.fromkeys(own) if len(text.split()) >= 5]
    choose = random.Random(3)
    choose.shuffle(own)
    yield from own
    for _ in range(2 * count):
        yield " ".join(choose.sample(own, 2))


def generated(_data, count):
    """Texts of about 40 made-up words: 60 themes with their own vocabulary over a common one."""
    choose = random.Random(2)
    syllables = "ca de fi lo mu pra se ti vo xa ção nha lhe rem bar dos".split()
    words = ["".join(choose.choices(syllables, k=choose.randint(2, 4))) for _ in range(9000)]
    common = [1 / (at + 1) for at in range(1500)]
    themes = [choose.sample(words[1500:], 150) for _ in range(60)]
    slope = [1 / (at + 1) ** 0.7 for at in range(150)]
    for _ in range(count + count // 10):
        first, second = choose.sample(themes, 2)
        share = choose.random()
        length = max(8, int(choose.gauss(40, 12)))
        own = int(length * 0.5)
        text = choose.choices(words[:1500], common, k=length - own)
        text += choose.choices(first, slope, k=int(own * max(share, 1 - share)))
        text += choose.choices(second, slope, k=own - int(own * max(share, 1 - share)))
        choose.shuffle(text)
        yield " ".join(text)


def rows(kind, count, data):
    """The kind's rows: `count` × 50, float32, C order."""
    found = texts(kind, count, data)
    sparse = TfidfVectorizer(max_features=2000, min_df=2, max_df=0.95).fit_transform(found)
    dense = TruncatedSVD(50, random_state=0).fit_transform(sparse)
    return numpy.ascontiguousarray(dense, dtype=numpy.float32)
