/** The command line that does what the screen would. */
import type { TrainLoraRequest } from "../../gen/operations";
import { changedFields, USUAL, USUAL_SPLIT } from "./presets";

/** An argument as a shell takes it: quoted where it holds anything that means something there. */
export function quoted(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  // Where paths have backslashes the shell is PowerShell or cmd, which both take these.
  if (/^[a-z]:\\|^\\\\/i.test(argument)) return `"${argument}"`;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** `mirante lora start` with everything that is not as usual. The folder is left to Mirante: an earlier training's is taken. */
export function startLine(request: TrainLoraRequest): string {
  const settings = request.settings ?? USUAL;
  const words = ["mirante", "lora", "start", "--base-model", request.base_model, "--train-file", request.train_file];
  if (request.validation_split !== undefined && request.validation_split !== USUAL_SPLIT) words.push("--validation-split", String(request.validation_split));
  for (const field of changedFields(settings)) {
    const [flag, value] = [`--${field.replaceAll("_", "-")}`, settings[field]];
    if (value === true) words.push(flag);
    else if (value !== false) words.push(flag, Array.isArray(value) ? value.join(",") : String(value));
  }
  return words.map(quoted).join(" ");
}

/** Goes on where the training in a folder was cut off. */
export function resumeLine(folder: string): string {
  return ["mirante", "lora", "start", "--output-dir", folder, "--resume"].map(quoted).join(" ");
}
