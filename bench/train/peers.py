"""Seconds a step and memory of LoRA on the processor: Mirante against PEFT on the same random model, adapter
and tokens, in the same run. The losses are compared too.

    cargo build --release -p mirante-neural --example train_speed
    bench/train/peers.py target/release/examples/train_speed [--threads 2] [--steps 8] [--device cuda:0]
                         (with torch, transformers and peft installed)

The models are Llamas of random weights: 512 wide with 4 layers in single precision, and one as large as
SmolLM2-135M (576 wide, 30 layers, 49,152 tokens) in bfloat16 for Mirante, which it trains in single precision
as PEFT is told to; on a card both use what it has. LoRA of rank 16 on queries, keys, values and outputs, two sequences a step.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
CASES = {
    "small": dict(hidden_size=512, intermediate_size=1536, num_hidden_layers=4, num_attention_heads=8,
                  num_key_value_heads=8, vocab_size=8192, tie_word_embeddings=False),
    "135M": dict(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
                 num_key_value_heads=3, vocab_size=49152, tie_word_embeddings=True),
}
TOKENS = {"small": 256, "135M": 512}
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj"]


def make(case, folder):
    import peft
    import torch
    import transformers

    torch.manual_seed(1)
    config = transformers.LlamaConfig(max_position_embeddings=2048, **CASES[case])
    model = transformers.LlamaForCausalLM(config)
    number = torch.bfloat16 if case == "135M" else torch.float32
    model.to(number).save_pretrained(folder / "model")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    model = peft.get_peft_model(model, peft.LoraConfig(target_modules=TARGETS, r=16, lora_alpha=16, lora_dropout=0.0))
    for parameter in model.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.02)
    model.save_pretrained(folder / "adapter")
    chance = random.Random(1)
    ids = [[chance.randrange(CASES[case]["vocab_size"]) for _ in range(TOKENS[case])] for _ in range(2)]
    (folder / "ids.json").write_text(json.dumps(ids))


def teach(folder, steps, threads, thrifty, device):
    """The peer, in a process of its own."""
    import time

    import peft
    import torch
    import transformers

    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
    model = peft.PeftModel.from_pretrained(model, folder / "adapter", is_trainable=True)
    if thrifty:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    model.to(device).train()
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=1e-3, weight_decay=0.0)
    ids = torch.tensor(json.loads((folder / "ids.json").read_text()), device=device)
    losses, seconds = [], []
    for _ in range(steps):
        began = time.perf_counter()
        loss = model(ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"losses": losses, "seconds": seconds}))


def run(command, environment):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command} ended with {status}")
    return json.loads(said.splitlines()[-1]), used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("speed")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--peer-device", default=None, help="as torch calls it; as --device unless said")
    options = parser.parse_args()
    environment = {**os.environ, "RAYON_NUM_THREADS": str(options.threads), "OMP_NUM_THREADS": str(options.threads)}
    on_card = options.device != "cpu"
    for case in CASES:
        with tempfile.TemporaryDirectory() as place:
            place = pathlib.Path(place)
            # In a process of its own: what a process took counts as taken by those that it starts.
            subprocess.run([sys.executable, HERE, "--make", case, place], check=True, stderr=subprocess.DEVNULL)
            for thrifty in [False, True]:
                steps = str(options.steps)
                own, own_memory = run(
                    [options.speed, place / "model", place / "adapter", place / "ids.json", steps]
                    + ["thrifty"] * thrifty + [f"device={options.device}"] * on_card, environment)
                peer, peer_memory = run(
                    [sys.executable, HERE, "--peer", place, steps, str(options.threads), str(int(thrifty)), options.peer_device or options.device], environment)
                ours, theirs = (statistics.median(one["seconds"][1:]) for one in (own, peer))
                apart = max(abs(a - b) for a, b in zip(own["losses"], peer["losses"]))
                print(f"{case}, 2 x {TOKENS[case]} tokens{', checkpointing' * thrifty}: Mirante {ours:.3f} s a step, "
                      f"{own_memory:.0f} MB (expected {own['expected'] / 2**20:.0f}); PEFT {theirs:.3f} s, {peer_memory:.0f} MB; {theirs / ours:.2f}x as fast, "
                      f"{own_memory / peer_memory:.2f} of its memory; losses apart by {apart:.1e}", flush=True)


if sys.argv[1:2] == ["--make"]:
    make(sys.argv[2], pathlib.Path(sys.argv[3]))
elif sys.argv[1:2] == ["--peer"]:
    folder, steps, threads, thrifty, device = sys.argv[2:]
    teach(pathlib.Path(folder), int(steps), int(threads), thrifty == "1", device)
else:
    main()
