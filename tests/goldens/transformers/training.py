"""How adapters of random weights learn: the losses of 50 steps as PEFT and torch have them.

    V/bin/python training.py        (the environment of make.py)

`training/<name>` is the adapter before the first step, as `save_pretrained` writes it, with the losses, the
sequences, and the place from which each is learned in `golden.json`, and what the adapter has become in
`after.safetensors`. Every step takes two sequences, padded to the longer one.
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# The model, what of it is changed, and how.
RUNS = {
    "llama": ("decoders/llama", dict(target_modules=ALL, r=4, lora_alpha=8), dict(lr=5e-3, weight_decay=0.0)),
    "llama-tied": ("decoders/llama-tied", dict(target_modules=["q_proj", "v_proj"], r=2, lora_alpha=2), dict(lr=1e-2, weight_decay=0.1)),
    "mistral": ("decoders/mistral", dict(target_modules=ALL[:4], r=3, lora_alpha=6), dict(lr=5e-3, weight_decay=0.0)),
    "qwen2": ("decoders/qwen2", dict(target_modules=ALL[:4], r=4, lora_alpha=4), dict(lr=5e-3, weight_decay=0.01)),
}
STEPS, WARM, CLIP = 50, 5, 1.0


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "training", ignore_errors=True)
    for name, (base, how, adam) in RUNS.items():
        torch.manual_seed(len(name))
        model = transformers.AutoModelForCausalLM.from_pretrained(HERE / base, dtype=torch.float32)
        model = peft.get_peft_model(model, peft.LoraConfig(lora_dropout=0.0, task_type="CAUSAL_LM", **how))
        for parameter in model.parameters():
            if parameter.requires_grad:
                # B would begin at nought, and A get no gradient from the first step.
                torch.nn.init.normal_(parameter, std=0.05)
        folder = HERE / "training" / name
        model.save_pretrained(folder)
        (folder / "README.md").unlink()
        # Where the model lay when this was made is of no use to anybody.
        config = folder / "adapter_config.json"
        config.write_text(config.read_text().replace(str(HERE / base), base))
        vocabulary = model.config.vocab_size
        sequences = []
        for at in range(12):
            ids = torch.randint(4, vocabulary, (6 + 5 * at % 17,)).tolist()
            sequences.append({"ids": ids, "from": 1 + at % 4})
        learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimiser = torch.optim.AdamW(learned, **adam)
        schedule = transformers.get_cosine_schedule_with_warmup(optimiser, WARM, STEPS)
        losses, norms = [], []
        model.train()
        for step in range(STEPS):
            batch = [sequences[(2 * step + at) % len(sequences)] for at in range(2)]
            longest = max(len(one["ids"]) for one in batch)
            ids, labels, mask = [], [], []
            for one in batch:
                padding = longest - len(one["ids"])
                ids.append(one["ids"] + [0] * padding)
                mask.append([1] * len(one["ids"]) + [0] * padding)
                labels.append([-100] * one["from"] + one["ids"][one["from"] :] + [-100] * padding)
            out = model(torch.tensor(ids), attention_mask=torch.tensor(mask), labels=torch.tensor(labels))
            out.loss.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(learned, CLIP).item())
            losses.append(out.loss.item())
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
        golden = {
            "base": base, "rate": adam["lr"], "decay": adam["weight_decay"], "warm": WARM, "clip": CLIP,
            "sequences": sequences, "losses": losses, "norms": norms,
        }
        (folder / "golden.json").write_text(json.dumps(golden) + "\n")
        state = peft.get_peft_model_state_dict(model)
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "after.safetensors")
        print(name, losses[0], losses[-1], norms[0])


main()
