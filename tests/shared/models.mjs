/** Models that lie in a home as if they had been fetched: tiny ones, with weights drawn at random. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./place.mjs";

const REVISION = "0123456789abcdef0123456789abcdef01234567";

/** One of every task: the repository it is to have, and where its files are. */
export const TINY = {
  "ana/vetores": "bert",
  "ana/classes": "heads/bert-classify",
  "ana/entidades": "heads/xlm-roberta-tag",
  "ana/respostas": "heads/bert-answer",
  "ana/resumos": "seq2seq/mt5",
  "ana/texto": "decoders/llama",
};

/** Puts a model into a home; `change` may alter what its files of settings say. */
export function placeModel(home, repository, files, change = (config) => config) {
  const root = join(home, "models", `models--${repository.replace("/", "--")}`);
  const folder = join(root, "snapshots", REVISION);
  cpSync(join(ROOT, "tests/goldens/transformers", files), folder, { recursive: true });
  for (const path of ["config.json", "generation_config.json"].map((file) => join(folder, file)).filter((file) => existsSync(file))) {
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));
  }
  mkdirSync(join(root, "refs"));
  writeFileSync(join(root, "refs/main"), REVISION);
}

/** The configuration of a model that writes on and on: no place is its last, no token its end. */
export function endless(config) {
  return { ...config, max_position_embeddings: 1_000_000, eos_token_id: null };
}

/** Puts one of every task into a home. */
export function placeModels(home) {
  for (const [repository, files] of Object.entries(TINY)) placeModel(home, repository, files);
}
