"""The same small models in the formats of every framework.

    python -m venv V && V/bin/pip install -r requirements.txt && V/bin/python make.py

`bert/model.safetensors` holds what the files beside it must give, bit for bit. Elsewhere a file
`NAME.safetensors` lies beside every `NAME.*` that must give the same.
"""

import json
import os
import pathlib
import pickle
import shutil

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def bert():
    """A BERT with a head, whose numbers are all different."""
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=12, num_labels=3, initializer_range=0.3,
    )
    model = transformers.BertForSequenceClassification(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model


def torch_files(model):
    folder = HERE / "bert"
    state = model.state_dict()
    torch.save(state, folder / "pytorch_model.bin")
    # In two parts, as save_pretrained cuts large models.
    names = list(state)
    parts = {}
    for at, some in enumerate([names[: len(names) // 2], names[len(names) // 2 :]], 1):
        part = f"pytorch_model-{at:05}-of-00002.bin"
        torch.save({name: state[name].clone() for name in some}, HERE / "torch" / part)
        parts.update({name: part for name in some})
    index = {"metadata": {"total_size": sum(t.numel() * 4 for t in state.values())}, "weight_map": parts}
    (HERE / "torch" / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")

    # Every kind of number, and every way in which a tensor shows its storage.
    torch.manual_seed(8)
    block = torch.randn(6, 10)
    cube = torch.arange(120, dtype=torch.int32).reshape(4, 5, 6)
    shown = {
        "single": block,
        "half": block.half(),
        "brain": block.bfloat16(),
        "double": block.double(),
        "long": torch.arange(12).reshape(3, 4),
        "bool": torch.tensor([True, False, True]),
        "bytes": torch.arange(7, dtype=torch.uint8),
        "rows": block[2:5],
        "columns": block[:, 3:7],
        "turned": block.t(),
        "steps": block[::2, 1::3],
        "turned cube": cube.permute(2, 0, 1),
        "scalar": torch.tensor(2.5),
        "none": torch.zeros(0, 4),
        "one of one": block[:, 4:5],
        "parameter": torch.nn.Parameter(block[1]),
        "tied": block,
        "eighth": block.to(torch.float8_e4m3fn),
    }
    plain = {name: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in shown.items()}
    save_file(plain, HERE / "torch" / "shown.safetensors")
    torch.save(shown, HERE / "torch" / "shown.bin")
    torch.save(shown, HERE / "torch" / "shown_legacy.bin", _use_new_zipfile_serialization=False)
    # A checkpoint of a training run; names of an old BERT.
    old = {"bert.embeddings.LayerNorm.gamma": block[0], "bert.embeddings.LayerNorm.beta": block[1]}
    save_file(
        {"bert.embeddings.LayerNorm.weight": block[0].clone(), "bert.embeddings.LayerNorm.bias": block[1].clone()},
        HERE / "torch" / "checkpoint.safetensors",
    )
    optimizer = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": block.double()}}, "lr": 1e-4, "betas": (0.9, 0.999)}
    checkpoint = {"epoch": 3, "seed": 2**80, "done": None, "optimizer": optimizer, "state_dict": old}
    torch.save(checkpoint, HERE / "torch" / "checkpoint.bin")
    torch.save(checkpoint, HERE / "torch" / "checkpoint_legacy.bin", _use_new_zipfile_serialization=False)


class Evil:
    """What a pickle can do to who loads it."""

    def __reduce__(self):
        return (os.system, ("touch evil-was-here",))


def evil_files():
    torch.save({"weight": torch.zeros(2), "more": Evil()}, HERE / "torch" / "evil.bin")
    torch.save({"more": Evil()}, HERE / "torch" / "evil_legacy.bin", _use_new_zipfile_serialization=False)
    for protocol in (0, 4):
        (HERE / "torch" / f"evil_{protocol}.bin").write_bytes(pickle.dumps({"more": Evil()}, protocol=protocol))


def main():
    torch.set_num_threads(1)
    for name in ("bert", "torch"):
        fresh(name)
    model = bert()
    model.save_pretrained(HERE / "bert")
    (HERE / "bert" / "generation_config.json").unlink(missing_ok=True)
    torch_files(model)
    evil_files()


main()
