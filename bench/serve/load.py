"""64 clients on /ml/embed for a minute: errors, throughput, latency, memory.

    bench/serve/load.py PROGRAM MODEL [--seconds 60] [--clients 64]

PROGRAM is `target/release/mirante`, MODEL a folder as scripts/sentence-model prints. The load comes from
wrk (Debian's package of that name), each request a text of its own.
"""

import argparse
import json
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

TEXTS = [
    "O boleto vence e ninguém avisa o cliente",
    "A entrega atrasou três dias e a transportadora não responde",
    "Quero cancelar o pedido e receber meu dinheiro de volta",
    "Ótimo atendimento, chegou antes do prazo e bem embalado",
]


def script(token, model):
    bodies = ",\n".join(
        "[==[" + json.dumps({"text": f"{text} nº {at}", "model": model}, ensure_ascii=False) + "]==]"
        for at in range(50)
        for text in TEXTS
    )
    return f"""
local bodies = {{ {bodies} }}
local at = 0
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["Content-Type"] = "application/json"
request = function()
  at = at % #bodies + 1
  return wrk.format(nil, "/ml/embed", nil, bodies[at])
end
"""


def memory(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("model")
    arguments.add_argument("--seconds", type=int, default=60)
    arguments.add_argument("--clients", type=int, default=64)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [given.program, "--home", f"{folder}/home", "serve", "--port", "0", "--token", "load"],
            stdout=subprocess.PIPE, text=True,
        )
        try:
            base = server.stdout.readline().split()[-1].split("/?")[0]
            warm = urllib.request.Request(
                f"{base}/ml/embed", json.dumps({"text": "a", "model": given.model}).encode(),
                {"Authorization": "Bearer load", "Content-Type": "application/json"},
            )
            urllib.request.urlopen(warm).read()
            path = pathlib.Path(folder) / "load.lua"
            path.write_text(script("load", given.model), encoding="utf-8")
            load = subprocess.Popen(
                ["wrk", "-t2", f"-c{given.clients}", f"-d{given.seconds}s", "--timeout", "30s", "--latency", "-s", str(path), base],
                stdout=subprocess.PIPE, text=True,
            )
            sizes = []
            while load.poll() is None:
                sizes.append(memory(server.pid))
                time.sleep(1)
            print(load.stdout.read())
            print("MB every 5 s:", [round(size) for size in sizes[::5]])
            first, last = sizes[min(5, len(sizes) - 1)], sizes[-1]
            print(f"memory: {first:.0f} MB after 5 s, {max(sizes):.0f} at most, {last:.0f} at the end")
        finally:
            server.kill()


main()
