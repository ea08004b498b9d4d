"""The same small models in the formats of every framework.

    python -m venv V && V/bin/pip install -r requirements.txt && V/bin/python make.py

`bert/model.safetensors` holds what the files beside it must give, bit for bit. Elsewhere a file
`NAME.safetensors` lies beside every `NAME.*` that must give the same.
"""

import json
import os
import pathlib
import pickle
import shutil
import unicodedata

import gguf
import h5py
import ml_dtypes
import msgpack
import numpy as np
import tokenizers
import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def bert():
    """A BERT with a head, whose numbers are all different."""
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=12, num_labels=3, initializer_range=0.3,
    )
    model = transformers.BertForSequenceClassification(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model


def torch_files(model):
    folder = HERE / "bert"
    state = model.state_dict()
    torch.save(state, folder / "pytorch_model.bin")
    # In two parts, as save_pretrained cuts large models.
    names = list(state)
    parts = {}
    for at, some in enumerate([names[: len(names) // 2], names[len(names) // 2 :]], 1):
        part = f"pytorch_model-{at:05}-of-00002.bin"
        torch.save({name: state[name].clone() for name in some}, HERE / "torch" / part)
        parts.update({name: part for name in some})
    index = {"metadata": {"total_size": sum(t.numel() * 4 for t in state.values())}, "weight_map": parts}
    (HERE / "torch" / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")

    # Every kind of number, and every way in which a tensor shows its storage.
    torch.manual_seed(8)
    block = torch.randn(6, 10)
    cube = torch.arange(120, dtype=torch.int32).reshape(4, 5, 6)
    shown = {
        "single": block,
        "half": block.half(),
        "brain": block.bfloat16(),
        "double": block.double(),
        "long": torch.arange(12).reshape(3, 4),
        "bool": torch.tensor([True, False, True]),
        "bytes": torch.arange(7, dtype=torch.uint8),
        "rows": block[2:5],
        "columns": block[:, 3:7],
        "turned": block.t(),
        "steps": block[::2, 1::3],
        "turned cube": cube.permute(2, 0, 1),
        "scalar": torch.tensor(2.5),
        "none": torch.zeros(0, 4),
        "one of one": block[:, 4:5],
        "parameter": torch.nn.Parameter(block[1]),
        "tied": block,
        "eighth": block.to(torch.float8_e4m3fn),
    }
    plain = {name: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in shown.items()}
    save_file(plain, HERE / "torch" / "shown.safetensors")
    torch.save(shown, HERE / "torch" / "shown.bin")
    torch.save(shown, HERE / "torch" / "shown_legacy.bin", _use_new_zipfile_serialization=False)
    # A checkpoint of a training run; names of an old BERT.
    old = {"bert.embeddings.LayerNorm.gamma": block[0], "bert.embeddings.LayerNorm.beta": block[1]}
    save_file(
        {"bert.embeddings.LayerNorm.weight": block[0].clone(), "bert.embeddings.LayerNorm.bias": block[1].clone()},
        HERE / "torch" / "checkpoint.safetensors",
    )
    optimizer = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": block.double()}}, "lr": 1e-4, "betas": (0.9, 0.999)}
    checkpoint = {"epoch": 3, "seed": 2**80, "done": None, "optimizer": optimizer, "state_dict": old}
    torch.save(checkpoint, HERE / "torch" / "checkpoint.bin")
    checkpoint["model"] = checkpoint.pop("state_dict")
    torch.save(checkpoint, HERE / "torch" / "checkpoint_legacy.bin", _use_new_zipfile_serialization=False)


def turned(rows, heads):
    """Rows of queries or keys as GGUF has them for the architecture llama: those that are turned against each other
    lie side by side, where transformers has them half a head apart."""
    size = rows.shape[0] // heads
    order = [head * size + half * (size // 2) + at for head in range(heads) for at in range(size // 2) for half in (0, 1)]
    return rows[order]


def any_blocks(random, kind, rows, width, factor=1.0):
    """Any bits are numbers; scales must not be infinite."""
    numbers, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (rows, width // numbers, size), dtype=np.uint8)
    at = {"Q2_K": (80, 82), "Q3_K": (108,), "Q6_K": (208,), "Q4_0": (0,), "Q5_0": (0,), "Q8_0": (0,)}.get(kind.name, (0, 2))
    for place in at:
        scales = (factor * random.standard_normal(blocks.shape[:2])).astype(np.float16)
        blocks[..., place : place + 2] = scales[..., None].view(np.uint8)
    return blocks.reshape(rows, -1)


def gguf_kinds():
    """Every kind of numbers that is read."""
    random = np.random.default_rng(3)
    writer = gguf.GGUFWriter(HERE / "gguf" / "kinds.gguf", "none")
    writer.add_uint8("a.u8", 200)
    writer.add_int8("a.i8", -100)
    writer.add_uint16("a.u16", 60000)
    writer.add_int16("a.i16", -30000)
    writer.add_uint32("a.u32", 4_000_000_000)
    writer.add_int32("a.i32", -2_000_000_000)
    writer.add_float32("a.f32", 0.5)
    writer.add_bool("a.bool", True)
    writer.add_string("a.text", "ação")
    writer.add_array("a.texts", ["um", "dois", ""])
    writer.add_array("a.numbers", [1, -2, 3])
    writer.add_uint64("a.u64", 2**63)
    writer.add_int64("a.i64", -(2**62))
    writer.add_float64("a.f64", 0.1)
    golden = {}
    plain = random.standard_normal((3, 40), dtype=np.float32)
    for name in ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"):
        kind = gguf.GGMLQuantizationType[name]
        blocks = any_blocks(random, kind, 2, 512)
        writer.add_tensor(name, blocks, raw_dtype=kind)
        golden[name] = torch.tensor(gguf.quants.dequantize(blocks, kind))
    # The last has no padding behind it.
    kinds = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}
    for name, tensor in ((name, torch.tensor(plain).to(kind)) for name, kind in kinds.items()):
        kind = gguf.GGMLQuantizationType[name]
        writer.add_tensor(name, tensor.contiguous().view(torch.uint8).numpy(), raw_dtype=kind)
        golden[name] = tensor
    finish(writer)
    save_file(golden, HERE / "gguf" / "kinds.safetensors")


def gguf_unread():
    """A kind of numbers that is not read."""
    kind = gguf.GGMLQuantizationType.IQ4_NL
    writer = gguf.GGUFWriter(HERE / "gguf" / "unread.gguf", "none")
    writer.add_tensor("odd", np.zeros((1, gguf.GGML_QUANT_SIZES[kind][1]), dtype=np.uint8), raw_dtype=kind)
    writer.add_tensor("plain", np.ones(8, dtype=np.float32))
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


TEXTS = [
    "O cliente reclama do prazo de entrega, e ninguém responde.",
    "Não há previsão: R$ 1.234,56 em 2024!\n\n  Fim...",
    "I'LL see; it's don't  x  ",
    unicodedata.normalize("NFD", "ação coração"),
    "<|um|>O prazo<|dois|> 😀日本",
    "",
]


def byte_pairs(regex, composed, whole):
    """A tokenizer of the family, trained on the texts."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(ignore_merges=whole))
    cut = tokenizers.pre_tokenizers.Split(tokenizers.Regex(regex), "isolated")
    visible = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([cut, visible])
    if composed:
        tokenizer.normalizer = tokenizers.normalizers.NFC()
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.add_special_tokens(["<|um|>", "<|dois|>"])
    return tokenizer


REGEX = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


# Scales of random blocks that make weights of some hundredths.
FACTORS = {"Q2_K": 5e-3, "Q3_K": 2e-3, "Q4_K": 3e-4, "Q5_K": 1.5e-4, "Q6_K": 5e-5}


def gguf_model(name, build, digits, quantised):
    """A small model with its tokenizer as convert_hf_to_gguf.py writes them."""
    folder = fresh(f"gguf/{name}")
    architecture = name.removesuffix("-k")
    is_llama = architecture == "llama"
    random = np.random.default_rng(9)
    torch.manual_seed(5)
    tokenizer = byte_pairs(REGEX.replace("DIGITS", digits), not is_llama, is_llama)
    begin, end = tokenizer.token_to_id("<|um|>"), tokenizer.token_to_id("<|dois|>")
    model = build(tokenizer.get_vocab_size() + 2, begin, end).eval()
    config = model.config
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    writer = gguf.GGUFWriter(folder / "model.gguf", architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    golden, state = {}, model.state_dict()
    head = config.hidden_size // config.num_attention_heads
    if is_llama:
        writer.add_rope_dimension_count(head)
        inverse, _ = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
        plain = 1.0 / config.rope_parameters["rope_theta"] ** (torch.arange(0, head, 2).float() / head)
        factors = plain / inverse
        assert factors.max() > factors.min()
        writer.add_tensor("rope_freqs.weight", factors.numpy())
        golden["rope_freqs.weight"] = factors
    if config.tie_word_embeddings:
        del state["lm_head.weight"]
    for full, tensor in state.items():
        stem, end_of_name = full.rsplit(".", 1)
        if stem.startswith("model.layers."):
            _, _, layer, part = stem.split(".", 3)
            theirs = f"blk.{layer}.{NAMES[part]}.{end_of_name}"
        else:
            theirs = f"{NAMES[stem]}.{end_of_name}"
        kind = gguf.GGMLQuantizationType.F32
        if tensor.dim() == 2:
            kind = gguf.GGMLQuantizationType[quantised.get(theirs.split(".")[-2], "F16")]
        # gguf-py reads blocks of these kinds, and writes none.
        data = any_blocks(random, kind, *tensor.shape, FACTORS[kind.name]) if kind.name in FACTORS else gguf.quants.quantize(tensor.numpy(), kind)
        # What is left of the numbers, in the order of transformers.
        left = tensor.numpy()
        if kind not in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16):
            left = gguf.quants.dequantize(data, kind)
        if is_llama and "q_proj" in full:
            data = turned(data, config.num_attention_heads)
        if is_llama and "k_proj" in full:
            data = turned(data, config.num_key_value_heads)
        writer.add_tensor(theirs, data, raw_dtype=kind)
        left = torch.tensor(left)
        golden[full] = left.half() if kind == gguf.GGMLQuantizationType.F16 else left
    if architecture == name:
        save_file(golden, folder / "golden.safetensors")
    vocabulary = {id: token for token, id in tokenizer.get_vocab().items()}
    tokens = [vocabulary.get(id, f"[PAD{id}]") for id in range(config.vocab_size)]
    types = [1] * (len(tokens) - 4) + [3, 4] + [5, 5]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe" if is_llama else "qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(begin)
    writer.add_eos_token_id(end)
    if not is_llama:
        writer.add_add_bos_token(False)
    writer.add_chat_template("{{ messages }}")
    finish(writer)
    ids = [([begin] if is_llama else []) + tokenizer.encode(text).ids for text in TEXTS]
    model.load_state_dict({name: tensor.float() for name, tensor in golden.items() if name in state}, strict=False)
    with torch.no_grad():
        logits = model(torch.tensor([ids[0]])).logits[0, -1].tolist()
    (folder / "golden.json").write_text(
        json.dumps({"texts": TEXTS, "ids": ids, "logits": [round(x, 6) for x in logits]}, ensure_ascii=False) + "\n"
    )


def gguf_files():
    gguf_kinds()
    gguf_unread()
    shape = dict(
        hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
        initializer_range=0.2, rms_norm_eps=1e-5,
    )
    gguf_model("llama", lambda size, begin, end: transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=size, bos_token_id=begin, eos_token_id=end, max_position_embeddings=65536, tie_word_embeddings=True,
        rope_parameters=dict(
            rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=8192,
        ), **shape,
    )), "{1,3}", {"attn_q": "Q4_0", "ffn_down": "Q5_1"})
    gguf_model("qwen2", lambda size, begin, end: transformers.Qwen2ForCausalLM(transformers.Qwen2Config(
        vocab_size=size, bos_token_id=begin, eos_token_id=end, max_position_embeddings=128, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="default", rope_theta=1000000.0), **shape,
    )), "", {"attn_k": "Q8_0"})
    gguf_model("llama-k", lambda size, begin, end: transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=size, bos_token_id=begin, eos_token_id=end, max_position_embeddings=128, tie_word_embeddings=False,
        hidden_size=256, intermediate_size=256, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2,
        rms_norm_eps=1e-5, rope_parameters=dict(
            rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=8192,
        ),
    )), "{1,3}", {
        "token_embd": "Q4_K", "output": "Q6_K", "attn_q": "Q4_K", "attn_k": "Q4_K", "attn_v": "Q6_K", "attn_output": "Q5_K",
        "ffn_gate": "Q3_K", "ffn_up": "Q2_K", "ffn_down": "Q6_K",
    })


def in_keras(name):
    """The layer and name that Keras has for a weight of a BERT with a head."""
    *stem, end = name.split(".")
    path = "/".join(stem).replace("layer/", "layer_._")
    if "LayerNorm" in stem:
        end = {"weight": "gamma", "bias": "beta"}[end]
    elif stem[-1] == "word_embeddings":
        pass
    elif stem[-1].endswith("embeddings"):
        end = "embeddings"
    elif end == "weight":
        end = "kernel"
    return stem[0], f"tf_bert_for_sequence_classification/{path}/{end}:0", end == "kernel"


def keras_files(model):
    """As Keras' save_weights, which save_pretrained of TensorFlow's models called."""
    for path, options in (("bert/tf_model.h5", {}), ("keras/latest.h5", {"libver": "latest"})):
        layers = {"dropout_37": []}
        with h5py.File(HERE / path, "w", **options) as file:
            for name, tensor in model.state_dict().items():
                layer, keras, turn = in_keras(name)
                layers.setdefault(layer, []).append(keras)
                data = tensor.numpy()
                file.create_dataset(f"{layer}/{keras}", data=data.T if turn else data)
            file.attrs["layer_names"] = [layer.encode() for layer in layers]
            file.attrs["backend"] = b"tensorflow"
            file.attrs["keras_version"] = b"2.11.0"
            for layer, names in layers.items():
                group = file.require_group(layer)
                group.attrs["weight_names"] = [name.encode() for name in names]
    # Names and shapes that a BERT has not.
    random = np.random.default_rng(4)
    make = lambda *shape, kind="f4": random.standard_normal(shape).astype(kind)
    rows = [
        ("mlm___cls/tf_model/mlm___cls/predictions/bias:0", "cls.predictions.bias", make(5)),
        ("bert/tf_model/bert/nsp___cls/dense/kernel:0", "bert.cls.dense.weight", make(3, 5)),
        ("conv/tf_model/conv/kernel:0", "conv.weight", make(2, 3, 4, 5)),
        ("line/tf_model/line/kernel:0", "line.weight", make(2, 3, 4)),
        ("norm/tf_model/norm/moving_mean:0", "norm.running_mean", make(4, kind="f8")),
        ("norm/tf_model/norm/moving_variance:0", "norm.running_var", make(4, kind="f2")),
        ("transformer/tf_model/transformer/h_._11/attn/c_attn/weight:0", "transformer.h.11.attn.c_attn.weight", make(4, 12)),
        ("transformer/tf_model/transformer/h_._11/attn/c_attn/bias:0", "transformer.h.11.attn.c_attn.bias", make(1, 12)),
        ("shared/shared/shared/weight:0", "shared.weight", make(6, 4)),
        ("head/final_logits_bias:0", "final_logits_bias", make(1, 4)),
        ("head/tf_model/steps:0", "steps", np.array(7, dtype="i8")),
    ]
    golden = {}
    with h5py.File(HERE / "keras" / "names.h5", "w") as file:
        for keras, name, data in rows:
            # As a file with the optimizer's state has it.
            file.create_dataset(f"model_weights/{keras}", data=data)
            if "kernel" in keras:
                data = data.transpose({4: (3, 2, 0, 1), 3: (2, 1, 0), 2: (1, 0)}[data.ndim])
            if name.endswith("c_attn.bias"):
                data = data[0]
            golden[name] = torch.tensor(data).contiguous()
        file.create_dataset("optimizer_weights/Adam/m:0", data=make(3))
        # So many that the tree of their group has two levels; links, for they are small.
        group = file.create_group("model_weights/many/tf_model/many")
        few = [group.create_dataset(f"few{at}:0", data=make(1)) for at in range(4)]
        golden.update({f"many.few{at}": torch.tensor(data[:]) for at, data in enumerate(few)})
        for at in range(240):
            group[f"x{at}:0"] = few[at % 4]
            golden[f"many.x{at}"] = torch.tensor(few[at % 4][:])
    with h5py.File(HERE / "keras" / "small.h5", "w") as file:
        file.create_dataset("layer/model/layer/kernel:0", data=make(4, 6))
        file.create_dataset("layer/model/layer/bias:0", data=make(6))
    with h5py.File(HERE / "keras" / "cycle.h5", "w") as file:
        group = file.create_group("layer/model")
        group["layer"] = file["layer"]
    save_file(golden, HERE / "keras" / "names.safetensors")
    for name, options in (("chunked", {"chunks": (2, 2)}), ("compressed", {"compression": "gzip"})):
        with h5py.File(HERE / "keras" / f"{name}.h5", "w") as file:
            file.create_dataset("layer/model/layer/kernel:0", data=make(4, 4), **options)


def in_flax(name):
    *stem, end = name.split(".")
    if end == "weight":
        end = "scale" if "LayerNorm" in stem else "embedding" if stem[-1].endswith("embeddings") else "kernel"
    return stem, end


def packed(array):
    """As flax/serialization.py writes an array."""
    content = (array.shape, array.dtype.name, array.tobytes("C"))
    return msgpack.ExtType(1, msgpack.packb(content, use_bin_type=True))


def put(tree, path, value):
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def flax_files(model):
    tree = {}
    for name, tensor in model.state_dict().items():
        stem, end = in_flax(name)
        data = tensor.numpy()
        put(tree, [*stem, end], packed(data.T if end == "kernel" else data))
    (HERE / "bert" / "flax_model.msgpack").write_bytes(msgpack.packb(tree, strict_types=True))
    random = np.random.default_rng(6)
    make = lambda *shape, kind="f4": random.standard_normal(shape).astype(kind)
    brain, conv, line, wide, mean = make(3, 4, kind=ml_dtypes.bfloat16), make(2, 3, 4, 5), make(2, 3, 4), make(4, 6), make(4)
    chunks = {str(at): packed(part) for at, part in enumerate(np.split(wide.ravel(), [5, 6, 20]))}
    chunks = dict(sorted(chunks.items(), reverse=True))
    chunked = {"__msgpack_chunked_array__": True, "shape": {"0": 4, "1": 6}, "chunks": chunks}
    tree = {
        "params": {
            "brain": {"kernel": packed(brain)}, "conv": {"kernel": packed(conv)}, "line": {"kernel": packed(line)},
            "wide": {"kernel": chunked}, "tall": {"embedding": chunked}, "half": {"bias": packed(make(0, kind="f2"))},
            "double": {"bias": packed(mean.astype("f8"))}, "many": {str(at): {"scale": packed(mean[:1])} for at in range(20)},
            "text": "ignored", "number": 1.5, "less": -5, "none": None,
            "scalar": msgpack.ExtType(3, msgpack.packb(((), "int32", np.int32(7).tobytes()), use_bin_type=True)),
        },
        "batch_stats": {"norm": {"mean": packed(mean), "var": packed(mean * 2)}},
        "step": 12,
    }
    (HERE / "flax" / "names.msgpack").write_bytes(msgpack.packb(tree, strict_types=True))
    turned_brain = torch.tensor(brain.astype("f4").T.copy()).bfloat16()
    golden = {
        "brain.weight": turned_brain, "conv.weight": torch.tensor(conv.transpose(3, 2, 0, 1).copy()),
        "line.weight": torch.tensor(line.T.copy()), "wide.weight": torch.tensor(wide.T.copy()),
        "tall.weight": torch.tensor(wide), "half.bias": torch.zeros(0).half(),
        "double.bias": torch.tensor(mean.astype("f8")), "norm.running_mean": torch.tensor(mean),
        "norm.running_var": torch.tensor(mean * 2), "scalar": torch.tensor(7, dtype=torch.int32),
        **{f"many.{at}.weight": torch.tensor(mean[:1]) for at in range(20)},
    }
    save_file(golden, HERE / "flax" / "names.safetensors")


def lying_torch_files():
    """One number, shown a million times: what a small file could ask any amount of memory with."""
    torch.save({"wide": torch.zeros(1).expand(1000, 1000)}, HERE / "torch" / "expanded.bin")


class Evil:
    """What a pickle can do to who loads it."""

    def __reduce__(self):
        return (os.system, ("touch evil-was-here",))


def evil_files():
    torch.save({"weight": torch.zeros(2), "more": Evil()}, HERE / "torch" / "evil.bin")
    torch.save({"more": Evil()}, HERE / "torch" / "evil_legacy.bin", _use_new_zipfile_serialization=False)
    for protocol in (0, 4):
        (HERE / "torch" / f"evil_{protocol}.bin").write_bytes(pickle.dumps({"more": Evil()}, protocol=protocol))


def main():
    torch.set_num_threads(1)
    for name in ("bert", "torch", "gguf", "keras", "flax"):
        fresh(name)
    model = bert()
    model.save_pretrained(HERE / "bert")
    (HERE / "bert" / "generation_config.json").unlink(missing_ok=True)
    torch_files(model)
    lying_torch_files()
    evil_files()
    gguf_files()
    keras_files(model)
    flax_files(model)


main()
