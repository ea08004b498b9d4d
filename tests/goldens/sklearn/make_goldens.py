"""Writes the cases that the Rust tests compare with: what scikit-learn makes of small corpora.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    OMP_NUM_THREADS=1 venv/bin/python make_goldens.py [--random N --out FOLDER]

Without options it writes the committed cases beside itself. `--random N` writes N generated cases
to FOLDER, for a wider comparison: MIRANTE_GOLDENS=FOLDER cargo nextest run sklearn_.

A document is a string, or a list of `[text, times]` to be repeated. Cases avoid ties at the
`max_features` boundary, where scikit-learn's choice is that of an unstable sort.
"""

import argparse
import json
import pathlib
import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import davies_bouldin_score, silhouette_score

HERE = pathlib.Path(__file__).parent

THEMES = [
    "imposto nota fiscal contábil lançamento prazo multa receita declaração balanço",
    "aluguel imóvel contrato vistoria inquilino locação proprietário chave reajuste boleto",
    "paciente consulta agenda clínica exame prontuário médico recepção convênio retorno",
    "estoque loja venda cliente caixa promoção fornecedor pedido devolução vitrine",
    "processo advogado petição audiência prazo tribunal cliente honorários sentença recurso",
    "entrega frete caminhão rota motorista atraso carga armazém combustível rastreio",
]
COMMON = "de o que não para com uma os no se na por mais as dos como mas ao ele das tem à seu sua ou".split()


def text_of(document):
    return document if isinstance(document, str) else " ".join(" ".join([t] * n) for t, n in document)


def themed(random, rows, words, noise=0.5, rare=400):
    """Documents that each lean to one theme, with common words and a long tail of rare ones."""
    documents = []
    for _ in range(rows):
        theme = THEMES[random.randint(len(THEMES))].split()
        chosen = []
        for _ in range(max(1, random.poisson(words))):
            draw = random.random_sample()
            if draw < 1 - noise:
                chosen.append(theme[min(int(random.exponential(3)), len(theme) - 1)])
            elif draw < 1 - noise / 4:
                chosen.append(COMMON[min(int(random.exponential(6)), len(COMMON) - 1)])
            else:
                chosen.append(f"termo{int(random.pareto(1.0) * 10) % rare}")
        if random.random_sample() < 0.3:
            chosen[0] = chosen[0].capitalize()
        if random.random_sample() < 0.1:
            chosen = [word.upper() for word in chosen]
        documents.append(" ".join(chosen) + random.choice([".", "!", "", ", ok"]))
    return documents


def boundary_ties(documents, params):
    """Whether terms of equal count lie on both sides of the `max_features` boundary."""
    limit = params.get("max_features")
    if limit is None:
        return False
    free = TfidfVectorizer(**{**params, "max_features": None, "use_idf": False, "norm": None})
    totals = np.sort(np.asarray(free.fit_transform(documents).sum(axis=0)).ravel())[::-1]
    return len(totals) > limit and totals[limit - 1] == totals[limit]


def clustering(matrix, clusters, seed, n_init, fresh=None, metrics=True, max_iter=300, tol=1e-4):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model = KMeans(clusters, n_init=n_init, random_state=seed, max_iter=max_iter, tol=tol).fit(matrix)
    found = len(set(model.labels_.tolist()))
    result = {
        "clusters": clusters,
        "seed": seed,
        "n_init": n_init,
        "max_iter": max_iter,
        "tol": tol,
        "labels": model.labels_.tolist(),
        "inertia": model.inertia_,
        "iterations": model.n_iter_,
        "warns": any(issubclass(w.category, ConvergenceWarning) for w in caught),
        "found": found,
    }
    if metrics and 2 <= found < matrix.shape[0]:
        sample = max(matrix.shape[0] // 2, 2)
        result["silhouette"] = {m: silhouette_score(matrix, model.labels_, metric=m) for m in ("euclidean", "cosine")}
        try:
            result["silhouette_sample"] = {
                "size": sample,
                "seed": seed,
                "value": silhouette_score(matrix, model.labels_, sample_size=sample, random_state=seed),
            }
        except ValueError:
            pass  # the sample holds one cluster only
        result["davies_bouldin"] = davies_bouldin_score(matrix.toarray(), model.labels_)
    if fresh is not None:
        result["predicted"] = model.predict(fresh).tolist()
    return result


def case(documents, params, runs=(), fresh=(), matrix=True):
    texts = [text_of(d) for d in documents]
    assert not boundary_ties(texts, params), "choose a case without a tie at the boundary"
    vectorizer = TfidfVectorizer(**params)
    weights = vectorizer.fit_transform(texts).tocsr()
    result = {
        "documents": documents,
        "params": params,
        "terms": vectorizer.get_feature_names_out().tolist(),
        "idf": vectorizer.idf_.tolist(),
    }
    if matrix:
        result["rows"] = [
            [weights.indices[a:b].tolist(), weights.data[a:b].tolist()]
            for a, b in zip(weights.indptr, weights.indptr[1:])
        ]
    new = None
    if fresh:
        new = vectorizer.transform([text_of(d) for d in fresh]).tocsr()
        result["fresh"] = list(fresh)
    result["runs"] = [clustering(weights, *run, fresh=new) for run in runs]
    return result


def errors(documents, params):
    try:
        TfidfVectorizer(**params).fit([text_of(d) for d in documents])
    except ValueError as error:
        return {"documents": documents, "params": params, "error": str(error)}
    raise AssertionError("expected scikit-learn to refuse")


def write(name, content, folder=HERE):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


def without_ties(make, params, attempts=50):
    """The first corpus of `make(attempt)` with no tie at the boundary."""
    for attempt in range(attempts):
        documents = make(attempt)
        if not boundary_ties(documents, params):
            return documents
    raise AssertionError("every corpus ties")


UNICODE = [
    "AÇÃO ação Ação âmbar ÂMBAR São Paulo, coração; pão-de-ló d'água",
    "ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ ΣΑΣ ΑΣ'Α ΑΣ. ΑΣ.Α Σ ΣΣ ΑΣ\u0301 ΑΣ\u0301Β ΑΣ\u00adΑ",
    "İstanbul ISPARTA ıI Iİ dİz İİ",
    "Straße STRASSE ẞẞ ǅungla Ǆungla ǆ ﬁm ﬀ",
    "x² m³ ½kg ⅷ Ⅷ ①② ٣٤ ५६ 𝟘𝟙 ªº µm Ωμ Ω",
    "日本語 テキスト 漢字 한국어 עברית العربية हिन्दी ไทย",
    "foo_bar _ __ a_ _b a b c ab,cd;ef\tgh\nij\u00a0kl\u200bmn\u200dop\u2028qr",
    "e\u0301le nã\u0303o cafe\u0301 café naïve nai\u0308ve",
    "😀 emoji😀junto a😀b ab😀cd \U0001d400\U0001d401 \U00010400\U00010401 𐐨𐐩",
    "Ꭰꭰ ꭱꮃ Ა აბ ᲐᲑ ⰀⰁ ⱯⱰ Ɐɐ ꞪꞫ",
    "100% R$1.234,56 12/03/2024 user@mail.com http://x.com/ab?c=de #tag",
    "",
    "   ",
    "a é ó 1 _",
    "ÀÈÌÒÙ àèìòù ÷× Ā ā Ő ő Ñandú ŸŶ ÿŷ",
]
SMALL = [
    "a nota fiscal de março",
    "nota de abril",
    "a nota fiscal e a nota de débito",
    "boleto de abril",
    "o boleto vencido",
    "boleto vencido de março de março",
    "contrato",
    "contrato de aluguel",
    "",
    "aluguel de março",
]


def committed():
    random = np.random.RandomState
    write("unicode", [case(UNICODE, {}), case(UNICODE, {"strip_accents": "unicode"})])
    write(
        "limits",
        [
            case(SMALL, {}, [(3, 0, 1), (3, 1, 4)], ["nota de maio", "", "aluguel aluguel", "zebra"]),
            case(SMALL, {"min_df": 2}),
            case(SMALL, {"min_df": 0.3}),
            case(SMALL, {"max_df": 3}),
            case(SMALL, {"max_df": 0.45, "min_df": 2}, [(4, 7, 3)]),
            case(SMALL, {"max_features": 1}),
            case(SMALL, {"max_features": 3, "max_df": 0.5}),
            case(SMALL, {"stop_words": ["de", "a", "o"]}),
            errors(SMALL, {"min_df": 8}),
            errors(SMALL, {"min_df": 5, "max_df": 2}),
            errors(["a", "é 1", ""], {}),
            errors(SMALL[6:7], {"stop_words": ["contrato"]}),
        ],
    )
    write(
        "counts",
        [
            case(
                [[["aa", 70000], ["bb", 3]], [["aa", 255], ["cc", 256]], [["bb", 600]], "aa bb cc", [["cc", 511], ["bb", 1]], "cc"],
                {},
                [(2, 0, 5), (3, 3, 1)],
            )
        ],
    )
    params = {"min_df": 2, "max_df": 0.9, "max_features": 60}
    documents = without_ties(lambda a: themed(random(a), 240, 12), params)
    runs = [(k, seed, n) for k, seed, n in [(2, 0, 1), (3, 42, 1), (8, 42, 10), (6, 1, 3), (13, 5, 2), (20, 9, 1)]]
    write("themes", [case(documents, params, runs, themed(random(1000), 40, 12))])
    params = {"min_df": 2, "max_features": 120}
    documents = without_ties(lambda a: themed(random(100 + a), 900, 9), params)
    write("more_rows", [case(documents, params, [(8, 42, 10), (40, 3, 1)], matrix=False)])
    documents = (SMALL[:4] * 3) + SMALL[1:3]
    write("duplicates", [case(documents, {}, [(6, 0, 1), (4, 1, 2), (9, 2, 3)]), case(["nota fiscal"] * 5 + ["boleto"], {}, [(3, 0, 1)])])
    write("relocation", relocations())


def relocations():
    """Runs from given rows, some of them twice, so that clusters are empty at once. Which of equally
    far rows a cluster moves to is left to an unstable partition, so the farthest must differ."""
    found = []
    for rows, clusters, twice in [(30, 3, 1), (60, 5, 2), (120, 8, 3), (200, 12, 2), (400, 3, 1)]:
        for seed in range(1000):
            random = np.random.RandomState(seed)
            documents = themed(random, rows, 25, noise=0.6, rare=20)
            matrix = TfidfVectorizer().fit_transform(documents).tocsr()
            starts = random.choice(rows, clusters - twice, replace=False).tolist()
            starts += [starts[random.randint(len(starts))] for _ in range(twice)]
            dense = matrix.toarray()
            nearest = ((dense[:, None] - dense[starts][None]) ** 2).sum(axis=2).min(axis=1)
            if np.diff(np.sort(nearest)[-twice - 1 :]).min() > 1e-6:
                break
        content = case(documents, {}, matrix=False)
        model = KMeans(clusters, init=dense[starts], n_init=1).fit(matrix)
        content["starts"] = starts
        content["from_starts"] = {
            "labels": model.labels_.tolist(),
            "inertia": model.inertia_,
            "iterations": model.n_iter_,
        }
        found.append(content)
    return found


def generated(count, folder):
    for number in range(count):
        random = np.random.RandomState(50_000 + number)
        rows = int(np.exp(random.uniform(np.log(10), np.log(3000))))
        params = {"min_df": int(random.choice([1, 2, 3])), "max_df": float(random.choice([0.5, 0.8, 0.95, 1.0]))}
        if random.random_sample() < 0.7:
            params["max_features"] = int(random.choice([20, 50, 100, 500]))
        documents = themed(random, rows, random.uniform(2, 30), random.uniform(0.2, 0.9), int(random.choice([10, 100, 2000])))
        try:
            if boundary_ties(documents, params):
                params.pop("max_features")
            clusters = int(random.randint(2, max(3, min(30, rows // 2))))
            runs = [(clusters, number, 1), (min(8, rows), 42, 10)]
            content = case(documents, params, runs, themed(random, 20, 8), matrix=rows < 300)
        except ValueError:
            continue
        write(f"case{number:04}", [content], folder)


parser = argparse.ArgumentParser()
parser.add_argument("--random", type=int, default=0)
parser.add_argument("--out", type=pathlib.Path)
options = parser.parse_args()
if options.random:
    generated(options.random, options.out)
else:
    committed()
