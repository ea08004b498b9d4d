"""Small models with heads, of random weights, and what transformers makes of texts with them.

    V/bin/python heads.py        (the environment of make.py, after it)

`heads/<architecture>-<task>` is a model as the hub keeps it; `golden.json` in it holds texts and answers.
Classes and entities are those of transformers' pipelines. Answers are made here, by the steps of the
reference scripts for SQuAD (run_qa.py of transformers' examples: windows with a stride, the best starts
and ends, the score of "no answer"), from the sums that transformers' model gives.
"""

import json
import pathlib
import shutil

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, processors
from transformers import pipeline

HERE = pathlib.Path(__file__).parent
LONGEST = 40
TEXTS = json.loads((HERE / "bert/golden.json").read_text(encoding="utf-8"))["texts"]
# An empty text has no tokens of its own, which the pipelines do not all bear.
TEXTS = [text for text in TEXTS if text.strip()] + ["Ana, José e Zé-Carlos da Silva (OAB/SP 123.456) moram em São Paulo."]
LABELS = ["O", "B-PESSOA", "I-PESSOA", "B-LOCAL", "I-LOCAL"]
CLASSES = ["negativo", "neutro", "positivo"]
QUESTIONS = ["Quem é a culpa?", "  O que o cliente reclama?", "ação?", "cliente"]


def small(architecture, vocabulary, pad, **more):
    if architecture == "distilbert":
        return transformers.DistilBertConfig(
            vocab_size=vocabulary, dim=16, n_layers=1, n_heads=2, hidden_dim=24, pad_token_id=pad,
            max_position_embeddings=LONGEST, initializer_range=0.4, seq_classif_dropout=0.0, **more,
        )
    shape = dict(
        vocab_size=vocabulary, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=LONGEST + 2 + pad, pad_token_id=pad, initializer_range=0.4, **more,
    )
    if architecture == "mpnet":
        return transformers.MPNetConfig(**{**shape, "pad_token_id": 1, "max_position_embeddings": LONGEST + 2})
    kind = {"bert": transformers.BertConfig, "roberta": transformers.RobertaConfig, "xlm-roberta": transformers.XLMRobertaConfig}
    return kind[architecture](**shape, **({} if architecture == "bert" else {"type_vocab_size": 1}))


def tokenizer_of(architecture):
    """The encoder's own tokenizer; BERT's tells the parts of a pair apart."""
    tokenizer = Tokenizer.from_file(str(HERE / architecture / "tokenizer.json"))
    said = json.loads((HERE / architecture / "tokenizer_config.json").read_text())
    cls, sep = said["cls_token"], said["sep_token"]
    second = ":1" if architecture == "bert" else ""
    between = "" if architecture in ("bert", "distilbert") else f" {sep}"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=f"{cls} $A {sep}{between} $B{second} {sep}{second}",
        special_tokens=[(cls, tokenizer.token_to_id(cls)), (sep, tokenizer.token_to_id(sep))],
    )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    names = {key: said[key] for key in ("cls_token", "sep_token", "pad_token", "unk_token")}
    inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if architecture == "bert" else [])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=LONGEST, model_input_names=inputs, **names
    )


def texts_for(model, tokenizer, texts=TEXTS):
    """MPNet takes token 1 for padding, whatever the configuration says; here it is the unknown token."""
    return [text for text in texts if model.config.model_type != "mpnet" or 1 not in tokenizer(text)["input_ids"]]


def classes(model, tokenizer):
    pipe = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    texts = texts_for(model, tokenizer)
    found = [pipe(text, top_k=None, truncation=True) for text in texts]
    by_label = [{one["label"]: round(one["score"], 9) for one in of_text} for of_text in found]
    return {"texts": texts, "scores": [[one[label] for label in model.config.id2label.values()] for one in by_label]}


def entities(model, tokenizer):
    golden = {"texts": texts_for(model, tokenizer)}
    for join in ("simple", "first"):
        # With a stride texts are read in windows, as they are here.
        pipe = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy=join, stride=LONGEST // 4, device="cpu")
        golden[join] = [
            [{"type": one["entity_group"], "start": one["start"], "end": one["end"], "score": round(float(one["score"]), 9)} for one in pipe(text)]
            for text in golden["texts"]
        ]
    return golden


def answer(model, tokenizer, question, context, most=20, longest=30, threshold=0.0):
    found = tokenizer(
        question.lstrip(), context, truncation="only_second", max_length=LONGEST, stride=LONGEST // 3,
        return_overflowing_tokens=True, return_offsets_mapping=True, padding=False,
    )
    candidates, none = [], None
    for window in range(len(found["input_ids"])):
        inputs = {name: torch.tensor([found[name][window]]) for name in tokenizer.model_input_names}
        with torch.no_grad():
            out = model(**inputs)
        starts, ends = out.start_logits[0].numpy(), out.end_logits[0].numpy()
        parts, offsets = found.sequence_ids(window), found["offset_mapping"][window]
        if none is None or starts[0] + ends[0] < none:
            none = starts[0] + ends[0]
        for start in np.argsort(-starts, kind="stable")[:most]:
            for end in np.argsort(-ends, kind="stable")[:most]:
                if parts[start] == 1 and parts[end] == 1 and start <= end < start + longest:
                    candidates.append((starts[start] + ends[end], offsets[start][0], offsets[end][1]))
    candidates.append((none, 0, 0))
    candidates.sort(key=lambda one: -one[0])
    kept = candidates[:most]
    if not any(one[1:] == (0, 0) for one in kept):
        kept.append((none, 0, 0))
    scores = np.array([one[0] for one in kept])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = next(one for one in kept if one[1:] != (0, 0))
    return {
        "question": question, "context": context, "none_score": float(none),
        "best": None if none - best[0] > threshold else context[best[1]:best[2]],
        "candidates": [
            {"text": context[start:end], "start": start, "end": end, "score": float(score), "probability": float(share)}
            for (score, start, end), share in zip(kept, shares)
        ],
    }


def answers(model, tokenizer):
    questions = texts_for(model, tokenizer, QUESTIONS)
    return {"answers": [answer(model, tokenizer, question, context) for question in questions for context in texts_for(model, tokenizer)]}


TASKS = {
    "classify": ("ForSequenceClassification", CLASSES, classes),
    "tag": ("ForTokenClassification", LABELS, entities),
    "answer": ("ForQuestionAnswering", None, answers),
}
CLASS = {"bert": "Bert", "roberta": "Roberta", "xlm-roberta": "XLMRoberta", "distilbert": "DistilBert", "mpnet": "MPNet"}


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "heads", ignore_errors=True)
    for seed, (architecture, task) in enumerate((a, t) for a in CLASS for t in TASKS):
        suffix, labels, golden = TASKS[task]
        tokenizer = tokenizer_of(architecture)
        more = {"id2label": dict(enumerate(labels)), "label2id": {label: at for at, label in enumerate(labels)}} if labels else {}
        if (architecture, task) == ("distilbert", "classify"):
            more["problem_type"] = "multi_label_classification"
        torch.manual_seed(seed)
        config = small(architecture, len(tokenizer), tokenizer.pad_token_id, **more)
        model = getattr(transformers, CLASS[architecture] + suffix)(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(0.2 * torch.randn_like(parameter))
        folder = HERE / "heads" / f"{architecture}-{task}"
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        made = golden(model, tokenizer)
        made["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
        (folder / "golden.json").write_text(json.dumps(made, ensure_ascii=False) + "\n", encoding="utf-8")
        for unused in folder.iterdir():
            if unused.name in ("README.md", "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt"):
                unused.unlink()


main()
