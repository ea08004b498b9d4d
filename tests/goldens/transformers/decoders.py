"""Small decoders of random weights, and what transformers writes with them.

    V/bin/python decoders.py        (the environment of make.py)

`decoders/<name>` is a model as the hub keeps it; `golden.json` in it holds prompts, the scores of every
token of the vocabulary after every token of a prompt (some of them), what is written by taking the
likeliest, and prompts made of messages by the chat template.
"""

import json
import pathlib
import shutil

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
TEXTS = json.loads((HERE / "bert/golden.json").read_text(encoding="utf-8"))["texts"]
PROMPTS = [
    "O cliente reclama do prazo",
    "ação 😀 coração",
    "a",
    "O produto chegou quebrado e a loja disse que a culpa é da transportadora. " * 3,
]
MOST = 24

# Of the features that templates of well-known models have.
CHATML = """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nVocê ajuda.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or message.role == "assistant" %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
HEADERS = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined and false %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start|>system<|end|>\\n\\nToday Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot|>" }}
{%- for message in messages %}
    {%- if message.role not in ['user', 'assistant'] %}
        {{- raise_exception('Roles must be user or assistant') }}
    {%- endif %}
    {{- '<|start|>' + message['role'] + '<|end|>\\n\\n'+ message['content'] | trim + '<|eot|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start|>assistant<|end|>\\n\\n' }}
{%- endif %}
"""
INST = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
        {{- raise_exception("Roles must alternate") }}
    {%- endif %}
    {%- set ns.index = ns.index + 1 %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"].strip() + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- else %}
        {{- " " + message["content"].strip() + eos_token}}
    {%- endif %}
{%- endfor %}
"""
TALKS = [
    [{"role": "user", "content": " O que é um boleto? "}],
    [{"role": "system", "content": "Responda em português.\n"}, {"role": "user", "content": "Oi"}],
    [
        {"role": "user", "content": "Oi"},
        {"role": "assistant", "content": "Olá! "},
        {"role": "user", "content": "Resuma: ação & reação"},
    ],
]


def tokenizer_of(template):
    special = ["<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=360, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", model_input_names=["input_ids", "attention_mask"]
    )
    fast.chat_template = template
    return fast


def shape(vocabulary, **more):
    return dict(
        vocab_size=vocabulary, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
        max_position_embeddings=160, initializer_range=0.25, bos_token_id=0, eos_token_id=1, **more,
    )


def gpt2(vocabulary, **more):
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=vocabulary, n_embd=24, n_layer=2, n_head=4, n_positions=160, initializer_range=0.25, bos_token_id=0, eos_token_id=1, **more,
    ))


LLAMA3 = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}
MODELS = {
    "llama": (HEADERS, lambda v: transformers.LlamaForCausalLM(transformers.LlamaConfig(**shape(v, num_key_value_heads=2, rope_parameters=LLAMA3)))),
    "llama-tied": (None, lambda v: transformers.LlamaForCausalLM(transformers.LlamaConfig(**shape(v, num_key_value_heads=1, tie_word_embeddings=True, head_dim=10, attention_bias=True)))),
    "mistral": (INST, lambda v: transformers.MistralForCausalLM(transformers.MistralConfig(**shape(v, num_key_value_heads=2, sliding_window=12)))),
    "qwen2": (CHATML, lambda v: transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**shape(v, num_key_value_heads=2, tie_word_embeddings=True)))),
    "phi": (None, lambda v: transformers.PhiForCausalLM(transformers.PhiConfig(**{**shape(v), "hidden_size": 32}))),
    "gpt2": (None, gpt2),
    "gpt2-scaled": (None, lambda v: gpt2(v, scale_attn_by_inverse_layer_idx=True, n_inner=30)),
}


def main():
    torch.set_num_threads(1)
    shutil.rmtree(HERE / "decoders", ignore_errors=True)
    for seed, (name, (template, build)) in enumerate(MODELS.items()):
        tokenizer = tokenizer_of(template)
        torch.manual_seed(seed)
        model = build(len(tokenizer)).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(0.2 * torch.randn_like(parameter))
        if name == "qwen2":
            # As most models are kept.
            for parameter in model.parameters():
                parameter.data = parameter.data.bfloat16().float()
        folder = HERE / "decoders" / name
        golden = {"prompts": PROMPTS, "ids": [], "scores": [], "written": [], "texts": [], "talks": []}
        for prompt in PROMPTS:
            ids = tokenizer(prompt)["input_ids"]
            with torch.no_grad():
                scores = model(torch.tensor([ids])).logits[0].double()
                out = model.generate(torch.tensor([ids]), max_new_tokens=MOST, do_sample=False, pad_token_id=1)[0].tolist()
            golden["ids"].append(ids)
            golden["scores"].append([[round(x, 6) for x in row] for row in scores[::9, ::17].tolist()])
            golden["written"].append(out[len(ids):])
            golden["texts"].append(tokenizer.decode(out[len(ids):], skip_special_tokens=True))
        if template is not None:
            golden["talks"] = [
                {"messages": talk, "prompt": tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)} for talk in TALKS
            ]
        if name == "qwen2":
            model = model.to(torch.bfloat16)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        golden["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
        (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
        for unused in folder.iterdir():
            if unused.name in ("README.md", "special_tokens_map.json", "vocab.json", "merges.txt"):
                unused.unlink()


main()
