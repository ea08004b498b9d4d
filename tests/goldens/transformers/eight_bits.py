"""Steps of AdamW whose means are kept in eight bits, by bitsandbytes' maps and blocks.

    V/bin/python eight_bits.py        (the environment of make.py, with bitsandbytes)

`eight_bits.safetensors` holds both maps, weights, the gradients of every step and the weights after the last.
bitsandbytes has the step itself for cards only, and its code for processors changes the maps: step and rounding
are written out here, the step in torch's order (decay first).
"""

import pathlib

import torch
from bitsandbytes import functional
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
STEPS, RATE, DECAY, BETAS, EPSILON = 12, 1e-2, 0.01, (0.9, 0.999), 1e-8


def main():
    torch.manual_seed(8)
    signed = functional.create_dynamic_map(signed=True)
    unsigned = functional.create_dynamic_map(signed=False)
    # A last block that is not whole.
    weights = torch.randn(4200) * 0.05
    spread = torch.logspace(-6, 0, 4200)[torch.randperm(4200)]
    grads = torch.randn(STEPS, 4200) * spread
    tensors = {"signed": signed, "unsigned": unsigned, "weights": weights.clone(), "grads": grads}
    means, squares = torch.zeros_like(weights), torch.zeros_like(weights)

    def kept(numbers, code):
        left = []
        for block in numbers.split(256):
            most = block.abs().max()
            share = block * (1 / most if most > 0 else 0)
            left.append(code[torch.bucketize(share, (code[1:] + code[:-1]) / 2)] * most)
        return torch.cat(left)

    for step, grad in enumerate(grads, 1):
        means = means + (1 - BETAS[0]) * (grad - means)
        squares = squares * BETAS[1] + (1 - BETAS[1]) * grad * grad
        far = RATE / (1 - BETAS[0] ** step)
        root = (1 - BETAS[1] ** step) ** 0.5
        weights = weights * (1 - RATE * DECAY) - far * means / (squares.sqrt() / root + EPSILON)
        means, squares = kept(means, signed), kept(squares, unsigned)
    tensors["after"] = weights
    save_file(tensors, HERE / "eight_bits.safetensors")


main()
