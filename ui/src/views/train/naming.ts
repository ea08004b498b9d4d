/** What trainings are called on the screen: by their files and folders, for they have no other names. */
import { fileName } from "../../backend/backend";
import type { Training } from "../../gen/operations";

/** The name of the folder, without a slash at its end. */
export function folderName(path: string): string {
  return fileName(path.replace(/[\\/]+$/, ""));
}

/** A training by its folder's name, without the moment that one of Mirante's own ends with. */
export function nameOf({ output_dir }: Pick<Training, "output_dir">): string {
  return unstamped(folderName(output_dir));
}

const unstamped = (name: string) => name.replace(/(?<=.)-\d{13}$/, "");

/** An adapter by the training that it came from, in whose folder it lies. */
export function adapterName(path: string): string {
  const [last, above] = path.replace(/[\\/]+$/, "").split(/[\\/]/).reverse();
  return last === "adapter" && above ? unstamped(above) : last;
}

/** A model by its repository, or by the last part of its folder. */
export function modelName(model: string): string {
  return /^([\\/~.]|[a-z]:[\\/])/i.test(model) ? folderName(model) : model;
}
