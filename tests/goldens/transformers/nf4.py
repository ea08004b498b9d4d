"""Weights in NF4 with double quantisation, as bitsandbytes has them.

    V/bin/python nf4.py        (the environment of make.py, with bitsandbytes)

`nf4.safetensors` holds weights, and what is left of them.
"""

import pathlib

import torch
from bitsandbytes import functional
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def main():
    torch.manual_seed(4)
    tensors = {}
    # Whole blocks; so many that scales have two blocks of their own; a last block that is not whole.
    for name, shape, spread in [("whole", (24, 64), 0.02), ("many", (300, 64), 1.0), ("part", (5, 40), 3.0)]:
        weights = torch.randn(shape) * spread
        weights[0, :8] = 0
        packed, state = functional.quantize_4bit(weights, blocksize=64, compress_statistics=True, quant_type="nf4")
        tensors[name] = weights
        tensors[f"{name}.left"] = functional.dequantize_4bit(packed, state).contiguous()
    save_file(tensors, HERE / "nf4.safetensors")


main()
