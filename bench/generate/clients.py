"""Tokens per second of several clients that want texts at once, against the same texts one after the other.

    bench/generate/clients.py PROGRAM [--clients 8] [--threads 2]       (with bench/embed/requirements.txt installed)

The model is that of peers.py, in bfloat16. Every client asks POST /ml/gerar for 128 tokens after a prompt and
with a seed of its own; each text must be the same alone and in company.
"""

import argparse
import concurrent.futures
import json
import subprocess
import tempfile
import time
import urllib.request

from peers import TOKENS, WORDS, make


def ask(base, folder, number):
    body = {"model": folder, "prompt": " ".join(WORDS[number % len(WORDS):] * 2), "max_tokens": TOKENS,
            "temperature": 1, "seed": number}
    headers = {"Content-Type": "application/json", "Authorization": "Bearer bench"}
    request = urllib.request.Request(f"{base}/ml/gerar", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=600) as answer:
        found = json.load(answer)
    assert found["tokens"] == TOKENS
    return found["text"]


def timed(work):
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        make(folder, "bfloat16")
        command = [given.program, "--home", home, "--threads", str(given.threads), "serve", "--port", "0", "--token", "bench"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            base = server.stdout.readline().split()[-1].split("/?")[0]
            ask(base, folder, 0)
            numbers = range(given.clients)
            alone, one_by_one = timed(lambda: [ask(base, folder, number) for number in numbers])
            with concurrent.futures.ThreadPoolExecutor(given.clients) as clients:
                together, at_once = timed(lambda: list(clients.map(lambda number: ask(base, folder, number), numbers)))
        finally:
            server.kill()
            server.wait()
    assert alone == together, "a text is another in company"
    tokens = TOKENS * given.clients
    print(f"one after the other  {tokens / one_by_one:7.1f} tokens/s  {one_by_one:6.2f} s")
    print(f"{given.clients} at once            {tokens / at_once:7.1f} tokens/s  {at_once:6.2f} s  {one_by_one / at_once:.2f} times as fast, the same texts")


if __name__ == "__main__":
    main()
