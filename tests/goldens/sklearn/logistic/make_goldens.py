"""Writes `logistic.json`: what scikit-learn's LogisticRegression makes of small tables, for the Rust tests.

    python -m venv venv && venv/bin/pip install -r ../requirements.txt
    OMP_NUM_THREADS=1 venv/bin/python make_goldens.py

Texts are weighed by TfidfVectorizer with words and pairs of words; numbers are taken as they are.
scikit-learn is told to solve far past its usual tolerance, so that both sides stand at the minimum.
"""

import json
import pathlib

import numpy as np
from scipy.special import expit
from sklearn.calibration import _SigmoidCalibration
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

HERE = pathlib.Path(__file__).parent
PARTS = [
    "o produto chegou antes do prazo e veio bem embalado adorei recomendo a loja excelente ótima qualidade",
    "não recebi o produto veio quebrado péssimo atendimento quero meu dinheiro de volta nunca mais compro",
    "produto razoável entrega normal poderia ser melhor pelo preço esperava mais atende",
]


def comments(random, rows, classes, weights):
    texts, labels = [], []
    for _ in range(rows):
        label = int(random.choice(classes, p=weights))
        words = PARTS[label].split() * 2 + PARTS[random.randint(3)].split()
        texts.append(" ".join(random.choice(words, random.randint(3, 14))))
        labels.append(label)
    return texts, labels


def case(name, matrix, labels, c, balanced):
    model = LogisticRegression(
        C=c, class_weight="balanced" if balanced else None, tol=1e-12, max_iter=100_000
    ).fit(matrix, labels)
    return {
        "name": name,
        "c": c,
        "balanced": balanced,
        "labels": [int(label) for label in labels],
        "coefficients": np.round(model.coef_, 9).tolist(),
        "intercepts": np.round(model.intercept_, 9).tolist(),
        "probabilities": np.round(model.predict_proba(matrix), 9).tolist(),
    }


def main():
    random = np.random.RandomState(7)
    cases = []
    for name, rows, classes, weights, c, balanced in [
        ("two", 60, 2, [0.5, 0.5], 1.0, False),
        ("rare", 90, 2, [0.9, 0.1], 1.0, True),
        ("three", 90, 3, [0.6, 0.3, 0.1], 1.0, True),
        ("loose", 60, 3, [0.4, 0.4, 0.2], 100.0, False),
    ]:
        texts, labels = comments(random, rows, classes, weights)
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
        matrix = vectorizer.fit_transform(texts)
        found = case(name, matrix, labels, c, balanced)
        found["texts"] = texts
        found["terms"] = vectorizer.get_feature_names_out().tolist()
        cases.append(found)
    numbers = np.round(random.normal(size=(120, 6)) * [1, 1, 5, 0.1, 1, 1], 4)
    labels = (numbers[:, 0] + numbers[:, 2] / 5 + random.normal(size=120) > 1).astype(int)
    found = case("numbers", numbers, labels, 0.5, False)
    found["numbers"] = numbers.tolist()
    cases.append(found)

    scores = np.round(random.normal(size=200) * 2, 4)
    positive = random.random_sample(200) < expit(0.7 * scores - 1.5)
    sigmoid = _SigmoidCalibration().fit(scores, positive)
    probabilities = sigmoid.predict(scores)
    ties = np.round(scores, 0)
    ranking = {
        "scores": scores.tolist(),
        "positive": positive.tolist(),
        "slope": -float(sigmoid.a_),
        "offset": -float(sigmoid.b_),
        "roc_area": roc_auc_score(positive, scores),
        "average_precision": average_precision_score(positive, scores),
        "brier": brier_score_loss(positive, probabilities),
        "roc_area_of_ties": roc_auc_score(positive, ties),
        "average_precision_of_ties": average_precision_score(positive, ties),
    }
    text = json.dumps({"cases": cases, "ranking": ranking}, ensure_ascii=False, separators=(",", ":"))
    (HERE / "logistic.json").write_text(text + "\n", encoding="utf-8")


main()
