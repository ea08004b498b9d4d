"""One peer at the same work: texts of a file, one a line, into an npy file of normalised vectors.

    python peer.py sentence-transformers|sentence-transformers-bf16|onnxruntime MODEL TEXTS OUT

Prints the seconds of all texts after a warm-up, tokenising included. Without TEXTS: one text only, for
the time from start to the first vector.
"""

import json
import pathlib
import sys
import time

import numpy

BATCH = 32


def sentence_transformers(model, dtype="float32"):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(2)
    model = SentenceTransformer(model, device="cpu", model_kwargs={"torch_dtype": getattr(torch, dtype)})
    return lambda texts: model.encode(texts, batch_size=BATCH, normalize_embeddings=True)


def exported(model, path):
    """The encoder with mean pooling and normalisation as one ONNX graph."""
    import torch
    import transformers

    class Whole(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = transformers.AutoModel.from_pretrained(model).eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            rows = self.encoder(input_ids, attention_mask, token_type_ids).last_hidden_state
            share = attention_mask.unsqueeze(-1).float()
            return torch.nn.functional.normalize((rows * share).sum(1) / share.sum(1), dim=1)

    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tuple(torch.ones(2, 5, dtype=torch.long) for _ in names)
    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    torch.onnx.export(
        Whole(), example, path, input_names=names, output_names=["vectors"], dynamic_axes=axes,
        dynamo=False, opset_version=17,
    )


def onnxruntime(model):
    import onnxruntime as runtime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 2
    session = runtime.InferenceSession(str(onnx_path(model)), options, providers=["CPUExecutionProvider"])

    def encode(texts):
        # By length, as sentence-transformers does it, so that little is padded.
        order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
        out = numpy.zeros((len(texts), 384), "f4")
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            found = tokenizer.encode_batch([texts[at] for at in chosen])
            out[chosen] = session.run(None, {
                "input_ids": numpy.array([one.ids for one in found], "i8"),
                "attention_mask": numpy.array([one.attention_mask for one in found], "i8"),
                "token_type_ids": numpy.array([one.type_ids for one in found], "i8"),
            })[0]
        return out

    return encode


def onnx_path(model):
    return pathlib.Path(model).with_suffix(".onnx")


def main():
    kind, model, *rest = sys.argv[1:]
    if kind == "export":
        return exported(model, str(onnx_path(model)))
    encode = {
        "sentence-transformers": sentence_transformers,
        "sentence-transformers-bf16": lambda model: sentence_transformers(model, "bfloat16"),
        "onnxruntime": onnxruntime,
    }[kind](model)
    if not rest:
        encode(["prazo de entrega"])
        return None
    texts = pathlib.Path(rest[0]).read_text(encoding="utf-8").split("\n")
    encode(texts[:BATCH])
    began = time.perf_counter()
    vectors = encode(texts)
    print(json.dumps({"seconds": time.perf_counter() - began}))
    numpy.save(rest[1], vectors)


main()
