"""Writes the cases that the Rust tests compare with: what the official scores of SQuAD are.

    python make.py

The functions follow the published definition of the evaluation of SQuAD 1.1 and 2.0
(https://rajpurkar.github.io/SQuAD-explorer/): an answer is put in lowercase, freed of punctuation, of the
articles a, an and the, and of white space beyond single spaces, in this order; exact match is equality,
F1 that of the bags of words; of several right answers each figure takes the best. SQuAD 2.0 asks also for
questions without an answer, and for the threshold at which "no answer" is best believed. Only Python's
standard library is used; sums are added in the order of the questions.
"""

import collections
import json
import pathlib
import re
import string

HERE = pathlib.Path(__file__).parent


def normalize(answer):
    lowered = answer.lower()
    plain = "".join(c for c in lowered if c not in set(string.punctuation))
    without = re.sub(r"\b(a|an|the)\b", " ", plain)
    return " ".join(without.split())


def exact(prediction, answer):
    return int(normalize(prediction) == normalize(answer))


def f1(prediction, answer, edition):
    predicted, right = normalize(prediction).split(), normalize(answer).split()
    common = collections.Counter(predicted) & collections.Counter(right)
    same = sum(common.values())
    if edition == 2 and (not predicted or not right):
        return int(predicted == right)
    if same == 0:
        return 0
    precision, recall = 1.0 * same / len(predicted), 1.0 * same / len(right)
    return (2 * precision * recall) / (precision + recall)


def score(prediction, answers, edition):
    if edition == 2:
        answers = [answer for answer in answers if normalize(answer)] or [""]
    return {
        "exact": float(max(exact(prediction, answer) for answer in answers)),
        "f1": float(max(f1(prediction, answer, edition) for answer in answers)),
    }


def totals(scores):
    if not scores:
        return None
    sums = {"exact": 0.0, "f1": 0.0}
    for one in scores:
        for name in sums:
            sums[name] += one[name]
    return {name: 100.0 * value / len(scores) for name, value in sums.items()} | {"count": len(scores)}


def best_threshold(questions, name):
    reached = sum(1 for one in questions if not one["answers"])
    best, threshold = reached, 0.0
    for one in sorted(questions, key=lambda one: one["margin"]):
        if one["answers"]:
            reached += one["v2"][name]
        elif one["prediction"]:
            reached -= 1
        if reached > best:
            best, threshold = reached, one["margin"]
    return {"threshold": threshold, "score": 100.0 * best / len(questions)}


NORMALIZED = [
    "", " ", "The  Cat!", "a", "A an THE", "Athena, theory; an-other", "the-end", "the_end", "a.b.c",
    "D'Ávila", "«Não» – disse", "R$ 1.234,56", "3º andar", "a\u00a0b\u2003c", "um\tdois\n\u001ctrês",
    "ÀÉÎÕÜ Ç", "İstanbul", "ΟΔΟΣ", "STRASSE ẞ", "½ e ¼", "a\u0301 b", "the\u0301", "naïve café", "___", "a_the a",
    "¿Quién?", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "“aspas”", "日本語 the 語", "E=mc²", "a1 the2",
]

# margin: by how much "no answer" is the likelier.
QUESTIONS = [
    ("São Paulo", ["São Paulo"], -9.5),
    ("sao paulo", ["São Paulo"], -7.25),
    ("em São Paulo, SP", ["São Paulo", "em São Paulo"], -3.0),
    ("the answer", ["answer"], -2.0),
    ("o o o prazo", ["o prazo o"], -1.5),
    ("dez dias úteis", ["prazo de dez dias", "dez dias corridos", "10 dias"], -0.125),
    ("", ["algo"], 4.0),
    ("a", ["the"], 0.5),
    ("...", ["!"], 0.5),
    ("x", ["..."], 1.0),
    ("", [], 6.5),
    ("um palpite", [], 2.0),
    ("outro palpite", [], -4.0),
    ("um dois três quatro cinco seis sete", ["um três sete oito nove", "sete seis cinco"], -6.0),
    ("R$ 1.000,00", ["1.000,00 reais", "R$ 1000"], -0.3),
    ("João da Silva", ["João Silva", "Silva, João da", "da Silva"], -0.7),
    ("2018", ["em 2018", "ano de 2018", "2018."], -8.0),
    ("nada a ver", ["completamente diferente"], 3.0),
]


def main():
    questions = []
    for prediction, answers, margin in QUESTIONS:
        one = {"prediction": prediction, "answers": answers, "margin": margin}
        one["v1"] = score(prediction, answers, 1) if answers else None
        one["v2"] = score(prediction, answers, 2)
        questions.append(one)
    answered = [one for one in questions if one["answers"]]
    golden = {
        "normalized": [[text, normalize(text)] for text in NORMALIZED],
        "questions": questions,
        "v1": totals([one["v1"] for one in answered]),
        "v2": {
            "all": totals([one["v2"] for one in questions]),
            "answered": totals([one["v2"] for one in answered]),
            "unanswered": totals([one["v2"] for one in questions if not one["answers"]]),
            "best_exact": best_threshold(questions, "exact"),
            "best_f1": best_threshold(questions, "f1"),
        },
    }
    text = json.dumps(golden, ensure_ascii=False, indent=1)
    (HERE / "golden.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
