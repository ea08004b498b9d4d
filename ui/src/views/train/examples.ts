/** Examples out of a table: which columns hold what was asked and answered, and where the file goes. */
import type { Column } from "../../gen/operations";
import { soundName } from "../search/indexes";

const ASKED = /^(pergunta|quest(ao|ion)|prompt|instruc(ao|tion)|query|entrada|input|mensagem)/;
const ANSWERED = /^(resposta|reply|answer|response|saida|output|completion|solucao|solution)/;

const plain = (name: string) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The columns whose names say that they hold questions and answers; empty where not both are there. */
export function guessed(columns: readonly Pick<Column, "name">[]): { prompt: string; reply: string } {
  const first = (like: RegExp) => columns.find((column) => like.test(plain(column.name)))?.name;
  const [prompt, reply] = [first(ASKED), first(ANSWERED)];
  return prompt === undefined || reply === undefined ? { prompt: "", reply: "" } : { prompt, reply };
}

/** A path in a folder, with the slashes that the folder's own path has. */
export function within(folder: string, ...parts: string[]): string {
  const slash = folder.includes("\\") ? "\\" : "/";
  return [folder.replace(/[\\/]+$/, ""), ...parts].join(slash);
}

/** A choice of columns, and whether personal data stay in them. */
export interface Choice {
  dataset: number;
  table: string;
  prompt: string;
  reply: string;
  keepPersonal: boolean;
}

/** Where a choice is written: the same choice in the same place, another one elsewhere. */
export function examplesPath(home: string, { dataset, table, prompt, reply, keepPersonal }: Choice): string {
  const name = [dataset, keepPersonal ? "personal" : "masked", prompt, reply, table].join(" ");
  return within(home, "examples", `${soundName(name)}.jsonl`);
}
