"""How encoders of random weights learn: the losses of 50 steps as transformers and torch have them.

    V/bin/python training_encoders.py        (the environment of make.py, after heads.py)

`training-encoders/<name>/golden.json` has the losses, the lengths of the gradients, the sequences and what is
right of them; `after.safetensors` what was learned. Those that learn a change of some maps (PEFT) begin with
`start.safetensors`; the others with the model in `heads` that they are named after. Every step takes two
sequences, padded to the longer one.
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
CLASSES = {
    "classify": transformers.AutoModelForSequenceClassification,
    "tag": transformers.AutoModelForTokenClassification,
    "answer": transformers.AutoModelForQuestionAnswering,
}
# The model, and what of it is changed; nothing for all of it.
RUNS = {
    "bert-classify": None,
    "bert-tag": None,
    "roberta-classify": None,
    "roberta-tag": None,
    "distilbert-classify": None,
    "distilbert-answer": None,
    "xlm-roberta-answer": None,
    "xlm-roberta-classify": dict(target_modules=["query", "value"], r=3, lora_alpha=6, task_type="SEQ_CLS"),
}
STEPS, WARM, CLIP, RATE, DECAY = 50, 5, 1.0, 2e-3, 0.05
NO_DROPOUT = dict(
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, classifier_dropout=0.0,
    dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0, qa_dropout=0.0,
)


def right_of(task, at, length, labels):
    if task == "classify":
        return at % labels
    if task == "tag":
        return [(at + place) % labels if place % 3 else -100 for place in range(length)]
    return [0, 0] if at % 4 == 3 else [1 + at % 3, 1 + at % 3 + at % 2]


def batch_of(task, some):
    longest = max(len(one["ids"]) for one in some)
    padded = lambda numbers, fill: numbers + [fill] * (longest - len(numbers))
    given = dict(
        input_ids=torch.tensor([padded(one["ids"], 0) for one in some]),
        attention_mask=torch.tensor([padded([1] * len(one["ids"]), 0) for one in some]),
    )
    if some[0]["types"]:
        given["token_type_ids"] = torch.tensor([padded(one["types"], 0) for one in some])
    right = [one["right"] for one in some]
    if task == "classify":
        given["labels"] = torch.tensor(right)
    elif task == "tag":
        given["labels"] = torch.tensor([padded(one, -100) for one in right])
    else:
        given["start_positions"] = torch.tensor([one[0] for one in right])
        given["end_positions"] = torch.tensor([one[1] for one in right])
    return given


def bare(name):
    """As saved: PEFT's changes under its own names, heads under the model's."""
    name = name.replace(".default", "").replace(".modules_to_save", "")
    return name if "lora_" in name else name.removeprefix("base_model.model.")


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "training-encoders", ignore_errors=True)
    for name, change in RUNS.items():
        torch.manual_seed(len(name))
        architecture, task = name.rsplit("-", 1)
        config = transformers.AutoConfig.from_pretrained(HERE / "heads" / name)
        for field, value in NO_DROPOUT.items():
            if hasattr(config, field):
                setattr(config, field, value)
        config.problem_type = "single_label_classification" if task == "classify" else None
        model = CLASSES[task].from_pretrained(HERE / "heads" / name, config=config, dtype=torch.float32)
        if change:
            model = peft.get_peft_model(model, peft.LoraConfig(lora_dropout=0.0, **change))
            for parameter in model.parameters():
                if parameter.requires_grad and "lora_" in name:
                    torch.nn.init.normal_(parameter, std=0.05)
        folder = HERE / "training-encoders" / name
        folder.mkdir(parents=True)
        learned = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        state = lambda: {bare(name): parameter.detach().clone().contiguous() for name, parameter in learned.items()}
        if change:
            save_file(state(), folder / "start.safetensors")
        sequences = []
        for at in range(12):
            # An answer would be looked for in padding too, so those two have one length.
            length = 6 + 5 * (at // 2 if task == "answer" else at) % 17
            ids = torch.randint(5, config.vocab_size, (length,)).tolist()
            types = [int(place > length // 2) for place in range(length)] if architecture == "bert" else []
            sequences.append({"ids": ids, "types": types, "right": right_of(task, at, length, config.num_labels)})
        # As transformers' trainer has it, biases and norms do not decay.
        still = lambda name: name.endswith("bias") or "norm" in name.lower()
        groups = [
            {"params": [one for name, one in learned.items() if not still(name)], "weight_decay": DECAY},
            {"params": [one for name, one in learned.items() if still(name)], "weight_decay": 0.0},
        ]
        optimiser = torch.optim.AdamW(groups, lr=RATE)
        schedule = transformers.get_linear_schedule_with_warmup(optimiser, WARM, STEPS)
        losses, norms = [], []
        model.train()
        for step in range(STEPS):
            some = [sequences[(2 * step + at) % len(sequences)] for at in range(2)]
            out = model(**batch_of(task, some))
            out.loss.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(list(learned.values()), CLIP).item())
            losses.append(out.loss.item())
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
        golden = {
            "rate": RATE, "decay": DECAY, "warm": WARM, "clip": CLIP, "change": change,
            "sequences": sequences, "losses": losses, "norms": norms,
        }
        (folder / "golden.json").write_text(json.dumps(golden) + "\n")
        save_file(state(), folder / "after.safetensors")
        print(name, losses[0], losses[-1], norms[0])


main()
