"""Tokens per second and memory of quantised weights, against llama.cpp on the same files, in the same run.

    cargo build --release -p mirante-neural --example write_speed
    bench/generate/quantised.py target/release/examples/write_speed [--peer llama-bench] [--threads 2]
                                (with numpy and gguf installed)

The model is a Llama of random weights, 1,024 wide, 12 layers, 32,000 tokens, as GGUF in bfloat16, Q8_0 and
Q4_K (with a head of Q6_K, as files called Q4_K_M have it). Each reads 256 tokens and writes 64.
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

import gguf
import numpy as np

WIDTH, INNER, LAYERS, HEADS, KEPT, VOCABULARY = 1024, 2816, 12, 16, 4, 32_000
READ, WRITTEN = 256, 64
Kind = gguf.GGMLQuantizationType


def blocks(random, kind, rows, width):
    """Weights of a standard deviation near 0.02; any bits are blocks, but for their scales."""
    if kind == Kind.BF16:
        numbers = 0.02 * random.standard_normal((rows, width), dtype=np.float32)
        return (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    numbers, size = gguf.GGML_QUANT_SIZES[kind]
    made = random.integers(0, 256, (rows, width // numbers, size), dtype=np.uint8)
    # Scale, and least: of whole numbers that are drawn evenly, the mean is taken away.
    places = {Kind.Q8_0: {0: 0.02 / 74}, Kind.Q4_K: {0: 1.2e-4, 2: 9e-4}, Kind.Q6_K: {208: 1.5e-5}}[kind]
    for place, scale in places.items():
        scales = np.full((rows, width // numbers, 1), scale, dtype=np.float16)
        made[..., place : place + 2] = scales.view(np.uint8)
    return made.reshape(rows, -1)


def make(path, kind):
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEPT)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(VOCABULARY)
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + [f"w{at}" for at in range(VOCABULARY - 259)]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * VOCABULARY)
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * (VOCABULARY - 259))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    def add(name, rows, width, kind=kind):
        writer.add_tensor(f"{name}.weight", blocks(random, kind, rows, width), raw_dtype=kind)

    def norm(name):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, dtype=np.float32))

    add("token_embd", VOCABULARY, WIDTH)
    add("output", VOCABULARY, WIDTH, Kind.Q6_K if kind == Kind.Q4_K else kind)
    norm("output_norm")
    kept = WIDTH // HEADS * KEPT
    for at in range(LAYERS):
        norm(f"blk.{at}.attn_norm")
        norm(f"blk.{at}.ffn_norm")
        for name, rows, width in [
            ("attn_q", WIDTH, WIDTH), ("attn_k", kept, WIDTH), ("attn_v", kept, WIDTH), ("attn_output", WIDTH, WIDTH),
            ("ffn_gate", INNER, WIDTH), ("ffn_up", INNER, WIDTH), ("ffn_down", WIDTH, INNER),
        ]:
            add(f"blk.{at}.{name}", rows, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def own(program, folder, threads):
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    runs = []
    for _ in range(3):
        out = subprocess.run([program, folder, str(READ), str(WRITTEN)], env=environment, capture_output=True, text=True, check=True)
        runs.append(json.loads(out.stdout))
    return tuple(statistics.median(run[name] for run in runs) for name in ("written_per_second", "read_per_second", "megabytes"))


def peer(program, path, threads):
    command = [program, "-m", path, "-t", str(threads), "-p", str(READ), "-n", str(WRITTEN), "-r", "3", "-o", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    written = next(run["avg_ts"] for run in found if run["n_gen"])
    read = next(run["avg_ts"] for run in found if run["n_prompt"])
    return written, read, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--peer", help="llama-bench of llama.cpp")
    arguments.add_argument("--threads", type=int, default=2)
    given = arguments.parse_args()
    for kind in (Kind.BF16, Kind.Q8_0, Kind.Q4_K):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.gguf"
            # Elsewhere: what a process is when it is born counts as the size of what it becomes.
            subprocess.run([sys.executable, "-c", f"import sys; sys.argv=['x','x']; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r}); import quantised; quantised.make({str(path)!r}, quantised.Kind.{kind.name})"], check=True)
            said = "{}: {:.1f} tokens/s written, {:.0f} read, {:.0f} MB"
            line = f"{kind.name}, {path.stat().st_size / 1e6:.0f} MB: " + said.format("mirante", *own(given.program, folder, given.threads))
            if given.peer:
                line += "; " + said.format("llama.cpp", *peer(given.peer, str(path), given.threads))
            print(line, flush=True)


if __name__ == "__main__":
    main()
