"""Small T5s of random weights, and what transformers makes of texts with them.

    V/bin/python seq2seq.py        (the environment of make.py, after it)

`seq2seq/<name>` is a model as the hub keeps it; `golden.json` in it holds texts, their tokens, what is
written by taking the likeliest token and by beam search, and some scores on the way.
"""

import json
import pathlib
import shutil

import torch
import transformers
from tokenizers import Tokenizer, processors

HERE = pathlib.Path(__file__).parent
TEXTS = [text for text in json.loads((HERE / "bert/golden.json").read_text(encoding="utf-8"))["texts"] if text.strip()]
LONGEST = 30
MOST = 20
SEARCHES = [
    dict(num_beams=1, length_penalty=1.0, no_repeat_ngram_size=0, early_stopping=False),
    dict(num_beams=4, length_penalty=0.6, no_repeat_ngram_size=2, early_stopping=False),
    dict(num_beams=3, length_penalty=1.5, no_repeat_ngram_size=0, early_stopping=True),
    dict(num_beams=2, length_penalty=-0.5, no_repeat_ngram_size=3, early_stopping=False),
]


def tokenizer_of():
    tokenizer = Tokenizer.from_file(str(HERE / "xlm-roberta/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>", unk_token="<unk>", model_max_length=LONGEST,
        model_input_names=["input_ids", "attention_mask"],
    )


def shape(tokenizer, **more):
    return dict(
        vocab_size=len(tokenizer), d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=1, num_heads=3,
        relative_attention_num_buckets=8, relative_attention_max_distance=20, pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.pad_token_id, **more,
    )


MODELS = {
    "t5": lambda t: transformers.T5ForConditionalGeneration(transformers.T5Config(**shape(t, feed_forward_proj="relu"))),
    "flan-t5": lambda t: transformers.T5ForConditionalGeneration(transformers.T5Config(**shape(t, feed_forward_proj="gated-gelu", tie_word_embeddings=False))),
    "mt5": lambda t: transformers.MT5ForConditionalGeneration(transformers.MT5Config(**shape(t))),
}


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "seq2seq", ignore_errors=True)
    tokenizer = tokenizer_of()
    for seed, (name, build) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = build(tokenizer).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
        if name == "mt5":
            # As real ones have it: a map to the vocabulary of its own.
            model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight))
        folder = HERE / "seq2seq" / name
        golden = {"texts": TEXTS, "ids": [], "scores": [], "searches": [], "most": MOST}
        inputs = [tokenizer(text, truncation=True)["input_ids"] for text in TEXTS]
        golden["ids"] = inputs
        for ids in inputs:
            start = torch.tensor([[tokenizer.pad_token_id, 5, 9, 7]])
            with torch.no_grad():
                scores = model(input_ids=torch.tensor([ids]), decoder_input_ids=start).logits[0].double()
            golden["scores"].append([[round(x, 6) for x in row] for row in scores[:, ::19].tolist()])
        for search in SEARCHES:
            written = []
            for ids in inputs:
                with torch.no_grad():
                    out = model.generate(torch.tensor([ids]), max_new_tokens=MOST, do_sample=False, **search)[0].tolist()
                written.append(tokenizer.decode(out, skip_special_tokens=True))
            golden["searches"].append({**search, "written": written})
        model.generation_config.num_beams = 4
        model.generation_config.max_length = 84
        model.generation_config.length_penalty = 0.6
        model.generation_config.no_repeat_ngram_size = 2
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        golden["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
        (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
        for unused in folder.iterdir():
            if unused.name in ("README.md", "special_tokens_map.json"):
                unused.unlink()


main()
