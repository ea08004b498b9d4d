"""Seconds a step and memory of teaching an encoder classes on the processor: Mirante against transformers and
torch (and PEFT) on the same weights and tokens, in the same run. The losses of whole models are compared too.

    cargo build --release -p mirante-neural --example teach_speed
    bench/train/encoders.py target/release/examples/teach_speed "$(scripts/sentence-model)" [--threads 2] [--steps 8] [--device cuda:0]
                            (with torch, transformers and peft installed)

The model is all-MiniLM-L6-v2 with a new head for three classes, and one of its shape with 12 layers of 768
(BERT base) of random weights. A step takes 16 texts of 16 to 128 tokens, which transformers pads to the longest.
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
CASES = ["minilm", "base"]


def make(case, real, folder):
    import torch
    import transformers

    torch.manual_seed(1)
    labels = dict(num_labels=3, id2label={at: str(at) for at in range(3)}, label2id={str(at): at for at in range(3)})
    still = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    kind = transformers.BertForSequenceClassification
    if case == "minilm":
        model = kind.from_pretrained(real, dtype=torch.float32, **labels, **still)
    else:
        model = kind(transformers.BertConfig(**labels, **still))
    model.save_pretrained(folder / "model")
    chance = random.Random(1)
    length = lambda: chance.randint(16, 128)
    ids = [[chance.randrange(1000, 30000) for _ in range(length())] for _ in range(16)]
    (folder / "ids.json").write_text(json.dumps(ids))


def teach(folder, steps, threads, lora, thrifty, device):
    """The peer, in a process of its own."""
    import time

    import torch
    import transformers

    torch.set_num_threads(threads)
    model = transformers.BertForSequenceClassification.from_pretrained(folder / "model", dtype=torch.float32)
    if lora:
        import peft

        model = peft.get_peft_model(model, peft.LoraConfig(
            target_modules=["query", "value"], r=16, lora_alpha=32, lora_dropout=0.0, task_type="SEQ_CLS"))
    if thrifty:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model.to(device).train()
    learned = {name: one for name, one in model.named_parameters() if one.requires_grad}
    still = lambda name: name.endswith("bias") or "LayerNorm" in name
    optimiser = torch.optim.AdamW([
        {"params": [one for name, one in learned.items() if not still(name)], "weight_decay": 0.01},
        {"params": [one for name, one in learned.items() if still(name)], "weight_decay": 0.0},
    ], lr=5e-5)
    ids = json.loads((folder / "ids.json").read_text())
    longest = max(map(len, ids))
    batch = dict(
        input_ids=torch.tensor([one + [0] * (longest - len(one)) for one in ids]),
        attention_mask=torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in ids]),
        labels=torch.tensor([at % 3 for at in range(len(ids))]),
    )
    batch = {name: one.to(device) for name, one in batch.items()}
    losses, seconds = [], []
    for _ in range(steps):
        began = time.perf_counter()
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(learned.values()), 1.0)
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
    parser.add_argument("model")
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
            subprocess.run([sys.executable, HERE, "--make", case, options.model, place], check=True, stderr=subprocess.DEVNULL)
            for lora, thrifty in [(False, False), (False, True), (True, False)]:
                steps = str(options.steps)
                own, own_memory = run(
                    [options.speed, place / "model", place / "ids.json", "3", steps]
                    + ["lora"] * lora + ["thrifty"] * thrifty + [f"device={options.device}"] * on_card, environment)
                peer, peer_memory = run(
                    [sys.executable, HERE, "--peer", place, steps, str(options.threads), str(int(lora)), str(int(thrifty)),
                     options.peer_device or options.device],
                    environment)
                ours, theirs = (statistics.median(one["seconds"][1:]) for one in (own, peer))
                apart = max(abs(a - b) for a, b in zip(own["losses"], peer["losses"]))
                apart = "" if lora else f"; losses apart by {apart:.1e}"
                print(f"{case}{', LoRA' * lora}{', checkpointing' * thrifty}: Mirante {ours:.3f} s a step, "
                      f"{own_memory:.0f} MB (expected {own['expected'] / 2**20:.0f}); transformers {theirs:.3f} s, {peer_memory:.0f} MB; "
                      f"{theirs / ours:.2f}x as fast, {own_memory / peer_memory:.2f} of its memory{apart}", flush=True)


if sys.argv[1:2] == ["--make"]:
    make(sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4]))
elif sys.argv[1:2] == ["--peer"]:
    folder, steps, threads, lora, thrifty, device = sys.argv[2:]
    teach(pathlib.Path(folder), int(steps), int(threads), lora == "1", thrifty == "1", device)
else:
    main()
