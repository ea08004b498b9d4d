"""Prints the figures that the tests of the map hold, from scikit-learn 1.9.1.

The inputs are formulas, written again in the tests.
"""

import numpy
from sklearn.decomposition import TruncatedSVD
from sklearn.manifold import trustworthiness


def main():
    i, j = numpy.arange(60)[:, None], numpy.arange(5)[None, :]
    high = ((i * i * 7919 + j * 104729 + i * j * 31) % 1009 / 1009).astype(numpy.float32)
    low = ((i * 631 + j[:, :2] * 379 + i * i * 17) % 1013 / 1013).astype(numpy.float32)
    low = (0.6 * high[:, :2] + 0.4 * low).astype(numpy.float32)
    for k in (1, 5, 15, 29):
        print("trustworthiness", k, repr(float(trustworthiness(high, low, n_neighbors=k))))

    i, j = numpy.arange(80)[:, None], numpy.arange(30)[None, :]
    kept = (i * i * 13 + j * 29 + i * j * 5 + j * j * 3) % 11 < 2
    rows = numpy.where(kept, ((i * 37 + j * 11) % 23 + 1) / 23 * (1 + 3 / (j + 1)), 0.0)
    model = TruncatedSVD(4, algorithm="arpack").fit(rows)
    print("singular values", [float(value) for value in model.singular_values_])
    print("first row", [abs(float(value)) for value in model.transform(rows[:1])[0]])


if __name__ == "__main__":
    main()
