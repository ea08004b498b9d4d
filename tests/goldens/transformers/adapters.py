"""Small adapters of random weights for the models beside, and what PEFT makes of texts with them.

    V/bin/python adapters.py        (the environment of make.py)

`adapters/<name>` is an adapter as `save_pretrained` writes it; `golden.json` in it holds its model, a text's
tokens, and the scores that come of them: of what may come after the last token, or shares of the labels.
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).parent
LLAMA = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def decoder(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def classifier(folder):
    return transformers.AutoModelForSequenceClassification.from_pretrained(folder)


def quantised(folder):
    """The llama of the GGUF goldens, with what is left of its weights."""
    state = load_file(folder / "golden.safetensors")
    state.pop("rope_freqs.weight")
    vocabulary, width = state["model.embed_tokens.weight"].shape
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, rms_norm_eps=1e-5, max_position_embeddings=65536, tie_word_embeddings=True,
        rope_parameters=dict(
            rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=8192,
        ),
    ))
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()}, strict=False)
    return model


# The model, how it is read, and what of it is changed.
ADAPTERS = {
    "llama": ("decoders/llama", decoder, dict(target_modules=LLAMA, r=4, lora_alpha=8)),
    "llama-root": ("decoders/llama", decoder, dict(target_modules=["v_proj", "up_proj"], r=9, lora_alpha=6, use_rslora=True)),
    "qwen2": ("decoders/qwen2", decoder, dict(target_modules=["q_proj", "v_proj"], r=2, lora_alpha=3)),
    "gpt2": ("decoders/gpt2", decoder, dict(target_modules=["c_attn", "c_proj", "c_fc"], r=4, lora_alpha=4, fan_in_fan_out=True)),
    "phi": ("decoders/phi", decoder, dict(target_modules="all-linear", r=3, lora_alpha=2)),
    "bert-classify": ("heads/bert-classify", classifier, dict(target_modules=["query", "key", "value", "dense"], r=4, lora_alpha=8, task_type="SEQ_CLS")),
    "quantised": ("../formats/gguf/llama", quantised, dict(target_modules=LLAMA, r=4, lora_alpha=8)),
}


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "adapters", ignore_errors=True)
    for seed, (name, (base, read, options)) in enumerate(ADAPTERS.items()):
        torch.manual_seed(seed)
        model = read(HERE / base).eval()
        options = {"task_type": "CAUSAL_LM", **options}
        model = peft.get_peft_model(model, peft.LoraConfig(init_lora_weights=False, **options)).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.copy_(0.2 * torch.randn_like(parameter))
        golden = json.loads((HERE / base / "golden.json").read_text(encoding="utf-8"))
        text = golden["texts"][0]
        is_decoder = options["task_type"] == "CAUSAL_LM"
        # Texts of decoders are what was written after their prompts.
        ids = golden["ids"][0] if is_decoder else transformers.AutoTokenizer.from_pretrained(HERE / base)(text)["input_ids"]
        with torch.no_grad():
            changed = model(torch.tensor([ids])).logits
            with model.disable_adapter():
                plain = model(torch.tensor([ids])).logits
        assert (changed - plain).abs().max() > 0.1, name
        scores = changed[0, -1] if is_decoder else changed[0].softmax(-1)
        folder = HERE / "adapters" / name
        model.save_pretrained(folder)
        (folder / "README.md").unlink()
        # Where this was made is of no matter.
        file = folder / "adapter_config.json"
        config = json.loads(file.read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = base
        file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        versions = {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
        golden = {"base": base, "text": text, "ids": ids, "scores": [round(x, 6) for x in scores.double().tolist()], "versions": versions}
        (folder / "golden.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")


main()
