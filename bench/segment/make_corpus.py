"""Writes a CSV of N rows of Portuguese-like text, about 40 words a row: a Zipfian vocabulary with
accents, several topics with words of their own, numbers, punctuation, some quoted line breaks.

    python make_corpus.py N OUT.csv [--seed 1] [--topics 10]
"""

import argparse
import csv

import numpy as np

ONSETS = ["", "b", "c", "ç", "d", "f", "g", "j", "l", "lh", "m", "n", "nh", "p", "pr", "qu", "r", "s", "t", "tr", "v", "z"]
VOWELS = ["a", "e", "i", "o", "u", "ã", "á", "é", "ê", "í", "ó", "ô", "õ", "ú", "ão", "ei", "ou"]
WEIGHTS = np.array([14, 13, 9, 11, 5, 2, 1.5, 1.5, 0.8, 1, 1, 0.7, 0.7, 0.6, 2, 1.5, 1.5])
CODAS = ["", "", "", "s", "r", "m", "l"]


def words(random, count):
    chosen = {}
    while len(chosen) < count:
        syllables = 1 + random.binomial(4, 0.4)
        word = "".join(
            ONSETS[random.randint(len(ONSETS))] + VOWELS[random.choice(len(VOWELS), p=WEIGHTS / WEIGHTS.sum())]
            for _ in range(syllables)
        ) + CODAS[random.randint(len(CODAS))]
        chosen[word] = None
    return np.array(list(chosen))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--topics", type=int, default=10)
    options = parser.parse_args()
    random = np.random.RandomState(options.seed)
    vocabulary = words(random, 40_000)
    ranks = np.arange(1, len(vocabulary) + 1)
    zipf = np.cumsum(1 / ranks**1.05)
    zipf /= zipf[-1]
    themes = [random.choice(3_000, 120, replace=False) + 30 for _ in range(options.topics)]
    theme_draw = np.cumsum(1 / np.arange(1, 121) ** 0.7)
    theme_draw /= theme_draw[-1]
    with open(options.out, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "dor_base", "solucao_graventum", "valor"])
        for start in range(0, options.rows, 10_000):
            count = min(10_000, options.rows - start)
            lengths = np.clip(random.poisson(40, count), 3, None)
            topics = random.randint(options.topics, size=count)
            total = int(lengths.sum())
            common = np.searchsorted(zipf, random.random_sample(total))
            themed = np.searchsorted(theme_draw, random.random_sample(total))
            is_themed = random.random_sample(total) < 0.35
            at = 0
            for row in range(count):
                length = int(lengths[row])
                span = slice(at, at + length)
                at += length
                index = np.where(is_themed[span], themes[topics[row]][themed[span]], common[span])
                text = vocabulary[index]
                cut = length * 3 // 5
                first = " ".join(text[:cut]).capitalize() + "."
                second = ", ".join(" ".join(part) for part in (text[cut : cut + 4], text[cut + 4 :]))
                if row % 50 == 0:
                    second += f'\n"{start + row}" 12/03/2024'
                if row % 97 == 0:
                    second = ""
                writer.writerow([start + row, first, second, f"{random.randint(10**6) / 100:.2f}"])


main()
