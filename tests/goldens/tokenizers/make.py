"""Folders with the files of slow tokenizers, and what transformers makes of texts with them.

    python -m venv V && V/bin/pip install -r requirements.txt && V/bin/python make.py

Each folder beside this file is a repository as the hub keeps it, without `tokenizer.json`. `golden.json`
in it holds what `AutoTokenizer` gives there for the texts and pairs of `texts.json`: tokens and where
each stands, counted in characters. No model of it was trained on anything but the texts in this file.

transformers 5 builds its tokenizers anew. It differs from `convert_slow_tokenizer.py` of version 4 so:

* XLM-RoBERTa, CamemBERT and T5 split at every whitespace (`WhitespaceSplit`, `Metaspace`), as the
  `tokenizer.json` of the published models do; version 4 replaced runs of spaces by a normalizer. What is
  between words, and offsets there, are those of version 5.
* GPT-2 with `add_bos_token` puts the token before the second text of a pair too.
* MPNet has `RobertaProcessing`, which trims offsets; version 4 had a template.
* Special tokens are matched before the text is normalized, and the mask of XLM-RoBERTa and RoBERTa takes
  the space before it only where `special_tokens_map.json` or `added_tokens_decoder` says so.
* Llama knows no `legacy` of its own: without it the folder is read as `"legacy": false`, and
  `"legacy": true` swallows one of the spaces that a text begins with. Such a folder is made here with
  the normalizer of `LlamaConverter` (`legacy` as version 4 had it, where it is the default), put in place of
  what version 5 builds; the vocabulary, the merges, and all else are those of version 5.
* GGUF files are read as `"legacy": false` with a space before the text, whatever they say of it; llama.cpp
  (`llm_tokenizer_spm` in `src/llama-vocab.cpp`), which they are made for, has the space before every stretch
  between special tokens, and not where `add_space_prefix` is false. The same is put in place there.
* Tokens of `additional_special_tokens` are special where `special_tokens_map.json` lists them, too; version 5
  takes them from `tokenizer_config.json` alone. No folder here has any there.
* Llama gets `<s>` only where `add_bos_token` says so; in version 4 it was the default. Every folder here says it.
"""

import collections
import contextlib
import io
import json
import pathlib
import shutil
import tempfile
import types
import unicodedata

import gguf
import numpy as np
import sentencepiece
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers import models as token_models
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import LlamaConverter

HERE = pathlib.Path(__file__).resolve().parent

TEXTS = [
    "O cliente reclama do prazo de entrega.",
    "Não há previsão para a devolução do boleto, e ninguém responde.",
    unicodedata.normalize("NFC", "ação coração maçã às órgão"),
    unicodedata.normalize("NFD", "ação coração maçã às órgão"),
    "Pedido nº 42: R$ 1.234,56 😀👍🏽 — ótimo!",
    "família 👨‍👩‍👧 e bandeira 🇧🇷",
    "q\u0303 e\u0323\u0302 z\u0335alto",
    "dois  espaços   seguidos",
    "   espaços no começo",
    "espaços no fim   ",
    " um",
    "tabulações\te\nlinhas\r\n\r\nnovas",
    "ÀS VEZES GRITA; ÁS VEZES SUSSURRA…",
    "(11) 98765-4321, 50%, a/b, x=y+z, e-mail@site.com.br #tag @user http://t.co",
    "日本語の文 e 漢字kanji кириллица",
    "",
    "   ",
    "a",
    "ofﬁcial Ｆｕｌｌ ① ½ ™ ﷺ",
    "in­visible\u200bzero\u00a0width\ufeff",
    "entrega" * 30,
    "don't we'll I'M",
    "antes [MASK] meio <mask> depois[SEP]fim </s> <s>início <pad> <unk> [UNK] <|endoftext|>",
    "<extra_id_0> lacuna <extra_id_1>final <extra_id_99>",
    "▁ já vem assim ▁▁",
    "<0x41> byte <novo> e <NOVO>, [EXTRA] fim",
    "<mask>",
    "</s>grudado</s>",
]

PAIRS = [
    ("Qual é o prazo?", "O prazo de entrega é de 3 dias."),
    ("", "só a segunda"),
    (" começa com espaço", " também  "),
    ("<s>dentro", "a <mask> b"),
    ("ação", unicodedata.normalize("NFD", "ação")),
]

CORPUS = [text for text in TEXTS if "<" not in text and "▁" not in text] + [
    "O produto chegou quebrado e a loja disse que a culpa é da transportadora.",
    "a entrega atrasou de novo e o cliente pediu a devolução do valor",
    "prazo de entrega, nota fiscal, boleto, reclamação e suporte",
]


def fresh(name, files):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file, content in files.items():
        if isinstance(content, bytes):
            (folder / file).write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1) + "\n"
            (folder / file).write_text(text, newline="\n")
    return folder


def found(encoding):
    return {
        "ids": encoding.ids,
        "offsets": [list(place) for place in encoding.offsets],
        "types": encoding.type_ids,
        "special": encoding.special_tokens_mask,
    }


def golden(name, files, change=None, **how):
    folder = fresh(name, files)
    tokenizer = AutoTokenizer.from_pretrained(folder, **how).backend_tokenizer
    if change:
        change(tokenizer)
    made = {
        "texts": [found(tokenizer.encode(text)) for text in TEXTS],
        "pairs": [found(tokenizer.encode(*pair)) for pair in PAIRS],
        "decoded": [tokenizer.decode(tokenizer.encode(text).ids) for text in TEXTS],
        "added": sorted([id, token.content] for id, token in tokenizer.get_added_tokens_decoder().items()),
    }
    (folder / "golden.json").write_text(json.dumps(made, ensure_ascii=False) + "\n")
    return tokenizer


def wordpiece(special):
    """Letters, and what words often begin with and go on with: the library's trainer gives other pieces every time."""
    both = CORPUS + [text.lower() for text in CORPUS]
    plain = [unicodedata.normalize("NFD", text) for text in both]
    letters, counts = set(), collections.Counter()
    for text in both + plain:
        for word, _ in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(text):
            letters |= {word[0]} | {"##" + letter for letter in word[1:]}
            counts.update(word[:end] for end in range(2, len(word) + 1))
            counts.update("##" + word[start:] for start in range(1, len(word) - 1))
    often = sorted(counts, key=lambda piece: (-counts[piece], piece))[:200]
    return "".join(token + "\n" for token in [*special, *sorted(letters), *often])


def byte_level(special):
    tokenizer = Tokenizer(token_models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=340, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = "".join(" ".join(pair) + "\n" for pair in model["merges"])
    return {"vocab.json": model["vocab"], "merges.txt": "#version: 0.2\n" + merges}


def sentence_piece(**settings):
    made = io.BytesIO()
    lines = [line for text in CORPUS for line in text.splitlines() if line.strip()]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=made, num_threads=1, minloglevel=2,
        **{"vocab_size": 300, "hard_vocab_limit": False, "character_coverage": 1.0} | settings,
    )
    return made.getvalue()


def rules(folder):
    """A charsmap of few rules: the real one fills most of a model's file."""
    pairs = [(one, unicodedata.normalize("NFKC", one)) for one in "ﬁＦｕｌ①½™\u00a0"]
    pairs += [(unicodedata.normalize("NFD", one), one) for one in "áàãâéêíóõôúçÀÁ"]
    pairs += [("\t", " "), ("\n", " "), ("\r", " "), ("\u200b", ""), ("\u00ad", "")]
    hexes = lambda text: " ".join(f"{ord(letter):X}" for letter in text)
    (folder / "rules.tsv").write_text("".join(f"{hexes(one)}\t{hexes(two)}\n" for one, two in pairs))
    # The model keeps the path.
    return "rules.tsv"


def added(content, **how):
    return {
        "content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True,
    } | how


def berts():
    vocabulary = wordpiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    config = {"model_type": "bert"}
    golden("bert-uncased", {"config.json": config, "tokenizer_config.json": {"do_lower_case": True}, "vocab.txt": vocabulary})
    golden("bert-cased", {
        "config.json": config,
        "tokenizer_config.json": {
            "do_lower_case": False, "tokenizer_class": "BertTokenizer", "model_max_length": 512, "do_basic_tokenize": True,
            "additional_special_tokens": ["[EXTRA]"],
        },
        "special_tokens_map.json": {
            "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
        },
        "added_tokens.json": {"<novo>": vocabulary.count("\n"), "[EXTRA]": vocabulary.count("\n") + 1},
        # Windows ends lines with two letters.
        "vocab.txt": vocabulary.replace("\n", "\r\n").encode(),
    })
    golden("bert-accents", {
        "config.json": config,
        "tokenizer_config.json": {
            "tokenizer_class": "BertTokenizerFast", "strip_accents": False, "tokenize_chinese_chars": False,
            "added_tokens_decoder": {
                "0": added("[PAD]"), "1": added("[UNK]"), "2": added("[CLS]"), "3": added("[SEP]"),
                "4": added("[MASK]", lstrip=True),
                str(vocabulary.count("\n")): added("<novo>", normalized=True, special=False, single_word=True),
            },
        },
        "vocab.txt": vocabulary,
    })
    golden("distilbert", {"config.json": {"model_type": "distilbert"}, "vocab.txt": vocabulary})
    special = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]
    golden("mpnet", {
        "config.json": {"model_type": "mpnet"},
        "tokenizer_config.json": {"tokenizer_class": "MPNetTokenizer", "do_lower_case": True},
        "vocab.txt": wordpiece(special),
    })


def bytes_of_letters():
    roberta = byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    config = {"config.json": {"model_type": "roberta"}}
    golden("roberta", roberta | config | {
        "special_tokens_map.json": {
            "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
            "cls_token": "<s>", "mask_token": added("<mask>", lstrip=True),
        },
    })
    golden("roberta-space", roberta | config | {
        "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True, "trim_offsets": False},
    })
    gpt2 = byte_level(["<|endoftext|>"])
    golden("gpt2", gpt2 | {"config.json": {"model_type": "gpt2"}})
    end = len(gpt2["vocab.json"])
    golden("gpt2-begun", gpt2 | {
        "config.json": {"model_type": "gpt2"},
        "tokenizer_config.json": {
            "tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "add_prefix_space": True, "pad_token": "<pad>",
            "bos_token": {"__type": "AddedToken", **added("<|endoftext|>")},
            "added_tokens_decoder": {
                "0": added("<|endoftext|>"),
                str(end): added("<novo>", special=False),
                str(end + 1): added("[EXTRA]", rstrip=True),
            },
        },
    })
    golden("qwen2", gpt2 | {
        "config.json": {"model_type": "qwen2"},
        "tokenizer_config.json": {
            "tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": False, "bos_token": None, "eos_token": "<novo>",
            "pad_token": "<|endoftext|>", "unk_token": None, "errors": "replace",
            "added_tokens_decoder": {"0": added("<|endoftext|>"), str(end): added("<novo>")},
        },
    })


def pieces(scratch):
    golden("xlm-roberta", {
        "config.json": {"model_type": "xlm-roberta"},
        "sentencepiece.bpe.model": sentence_piece(model_type="unigram", normalization_rule_name="nmt_nfkc"),
    })
    few = rules(scratch)
    golden("xlm-roberta-mask", {
        "config.json": {"model_type": "xlm-roberta"},
        "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"},
        "special_tokens_map.json": {
            "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
            "cls_token": "<s>", "mask_token": added("<mask>", lstrip=True),
        },
        "sentencepiece.bpe.model": sentence_piece(
            model_type="unigram", normalization_rule_tsv=few, user_defined_symbols=["[EXTRA]"],
        ),
    })
    golden("camembert", {
        "config.json": {"model_type": "camembert"},
        "sentencepiece.bpe.model": sentence_piece(model_type="unigram", normalization_rule_name="identity"),
    })
    t5 = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
    golden("t5", {
        "config.json": {"model_type": "t5"},
        "spiece.model": sentence_piece(model_type="unigram", normalization_rule_tsv=few, **t5),
    })
    golden("mt5", {
        "config.json": {"model_type": "mt5"},
        "tokenizer_config.json": {
            "tokenizer_class": "T5Tokenizer", "extra_ids": 0, "additional_special_tokens": None,
            "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>",
        },
        "special_tokens_map.json": {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"},
        "spiece.model": sentence_piece(model_type="unigram", normalization_rule_name="identity", **t5),
    })


def llamas():
    model = sentence_piece(
        model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        split_digits=True, allow_whitespace_only_pieces=True, vocab_size=420,
        # Letters are left out, for their bytes to be needed.
        character_coverage=0.98,
    )
    size = sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size()
    files = {"config.json": {"model_type": "llama"}, "tokenizer.model": model}
    said = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    golden("llama", files | {
        "tokenizer_config.json": said | {
            "legacy": False, "add_eos_token": True,
            "added_tokens_decoder": {
                "0": added("<unk>"), "1": added("<s>"), "2": added("</s>"), str(size): added("<novo>", special=False),
            },
        },
    })

    golden("llama-legacy", files | {"tokenizer_config.json": said | {"legacy": True, "add_eos_token": False}}, legacy)


def legacy(tokenizer, begins_with_space=True):
    converter = LlamaConverter.__new__(LlamaConverter)
    converter.original_tokenizer = types.SimpleNamespace(legacy=True, add_prefix_space=begins_with_space)
    tokenizer.normalizer = converter.normalizer(None)
    tokenizer.pre_tokenizer = converter.pre_tokenizer("▁", begins_with_space)
    tokenizer.decoder = converter.decoder("▁", begins_with_space)


def gguf_file(path, model, **said):
    """A file as llama.cpp's `convert_hf_to_gguf.py` makes it, with one tensor."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(32)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(2)
    writer.add_layer_norm_rms_eps(1e-5)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    ids = range(pieces.get_piece_size())
    defined = {id for id in ids if pieces.id_to_piece(id) == "[EXTRA]"}
    kinds = [(pieces.is_unknown, 2), (pieces.is_control, 3), (defined.__contains__, 4), (pieces.is_byte, 6)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([pieces.id_to_piece(id) for id in ids])
    writer.add_token_scores([pieces.get_score(id) for id in ids])
    writer.add_token_types([next((kind for is_one, kind in kinds if is_one(id)), 1) for id in ids])
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    for name, value in said.items():
        writer.add_bool(f"tokenizer.ggml.{name}", value)
    writer.add_tensor("output_norm.weight", np.ones(32, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def ggufs(scratch):
    model = sentence_piece(
        model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        vocab_size=420, character_coverage=0.98, user_defined_symbols=["[EXTRA]"],
    )
    path = scratch / "model.gguf"
    config = {"config.json": {"model_type": "llama"}}
    for name, space, said in [
        ("gguf", True, {}),
        ("gguf-bare", False, {"add_space_prefix": False, "add_bos_token": False, "add_eos_token": True}),
    ]:
        gguf_file(path, model, **said)
        change = lambda tokenizer: legacy(tokenizer, space)
        golden(name, config | {"model.gguf": path.read_bytes()}, change, gguf_file="model.gguf")


if __name__ == "__main__":
    (HERE / "texts.json").write_text(json.dumps({"texts": TEXTS, "pairs": PAIRS}, ensure_ascii=False, indent=1) + "\n")
    berts()
    bytes_of_letters()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        pieces(pathlib.Path(scratch))
        ggufs(pathlib.Path(scratch))
    llamas()
