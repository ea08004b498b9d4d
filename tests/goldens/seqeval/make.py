"""How well entities are found, as seqeval says it.

    python -m venv V && V/bin/pip install seqeval==1.2.2 && V/bin/python make.py

`golden.json` holds cases: sentences of labels that are right and that were found, well formed and not, with
seqeval's figures.
"""

import json
import pathlib
import random

from seqeval.metrics import accuracy_score, classification_report

LABELS = ["O", "B-PESSOA", "I-PESSOA", "B-LOCAL", "I-LOCAL", "B-TEMPO", "I-TEMPO"]


def main():
    drawn = random.Random(7)
    cases = []
    for share in (0.0, 0.1, 0.4, 1.0):
        right = [[drawn.choice(LABELS) for _ in range(drawn.randint(1, 12))] for _ in range(20)]
        found = [[drawn.choice(LABELS) if drawn.random() < share else label for label in one] for one in right]
        cases.append((right, found))
    cases.append(([["O", "O"]], [["O", "B-LOCAL"]]))
    cases.append(([["B-LOCAL", "I-LOCAL", "B-LOCAL"]], [["I-LOCAL", "I-LOCAL", "I-LOCAL"]]))
    golden = []
    for right, found in cases:
        report = classification_report(right, found, output_dict=True, zero_division=0)
        figures = {kind: [float(one[name]) for name in ("precision", "recall", "f1-score", "support")] for kind, one in report.items()}
        golden.append({"right": right, "found": found, "figures": figures, "accuracy": accuracy_score(right, found)})
    path = pathlib.Path(__file__).with_name("golden.json")
    path.write_text(json.dumps(golden) + "\n", encoding="utf-8")


main()
