"""Tokens per second of writing, against transformers on the same model, in the same run.

    bench/generate/peers.py PROGRAM [--threads 2]       (with bench/embed/requirements.txt installed)

The model is a Llama of random weights, 512 wide, 8 layers, 32,000 tokens: small enough to be made here,
large enough that the products count. Both read the same prompt and take the likeliest token 128 times.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

TOKENS = 128
WORDS = "o cliente reclama do prazo de entrega e pede a devolução do boleto pago em duplicidade".split()


def make(folder, kind):
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(0)
    words = list(dict.fromkeys(WORDS))
    vocabulary = {word: at for at, word in enumerate(words)} | {f"w{at}": at for at in range(len(words), 32_000)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="o"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="o").save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=32_000, hidden_size=512, intermediate_size=1376, num_hidden_layers=8, num_attention_heads=8,
        num_key_value_heads=4, max_position_embeddings=1024, bos_token_id=None, eos_token_id=None, pad_token_id=None,
    )
    model = transformers.LlamaForCausalLM(config).to(getattr(torch, kind)).eval()
    model.generation_config.eos_token_id = None
    model.save_pretrained(folder)


def peer(folder, kind, threads):
    import torch
    import transformers

    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, kind)).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = torch.tensor([tokenizer(" ".join(WORDS * 2), add_special_tokens=False)["input_ids"]])
    seconds = []
    with torch.no_grad():
        for _ in range(3):
            began = time.perf_counter()
            out = model.generate(ids, max_new_tokens=TOKENS, do_sample=False, use_cache=True)
            seconds.append(time.perf_counter() - began)
    print(json.dumps({
        "tokens_per_second": TOKENS / statistics.median(seconds),
        "ids": out[0, ids.shape[1]:].tolist(),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))


def own(program, folder, threads):
    speeds, sizes, text = [], [], ""
    for _ in range(3):
        command = [
            program, "--threads", str(threads), "--quiet", "generate", "--model", folder, "--prompt", " ".join(WORDS * 2),
            "--max-tokens", str(TOKENS), "--temperature", "0", "--json",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        found = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0 and found["tokens"] == TOKENS
        speeds.append(TOKENS / found["seconds"])
        sizes.append(usage.ru_maxrss / 1024)
        text = found["text"]
    return statistics.median(speeds), max(sizes), text


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--make", help=argparse.SUPPRESS)
    arguments.add_argument("--peer", help=argparse.SUPPRESS)
    arguments.add_argument("--kind", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.make:
        return make(given.make, given.kind)
    if given.peer:
        return peer(given.peer, given.kind, given.threads)
    for kind in ("float32", "bfloat16"):
        with tempfile.TemporaryDirectory() as folder:
            # Elsewhere: what a process is when it is born counts as the size of what it becomes.
            subprocess.run([sys.executable, __file__, given.program, "--make", folder, "--kind", kind], check=True)
            speed, size, text = own(given.program, folder, given.threads)
            command = [sys.executable, __file__, given.program, "--peer", folder, "--kind", kind, "--threads", str(given.threads)]
            found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1])
            vocabulary = json.loads((pathlib.Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
            ids = [vocabulary.get(word) for word in text.split()]
            same = sum(one == other for one, other in zip(ids, found["ids"]))
            print(
                f"{kind}: mirante {speed:.1f} tokens/s, {size:.0f} MB; transformers {found['tokens_per_second']:.1f} tokens/s, "
                f"{found['megabytes']:.0f} MB; ratio {speed / found['tokens_per_second']:.2f}; {same} of {TOKENS} tokens the same"
            )


if __name__ == "__main__":
    main()
