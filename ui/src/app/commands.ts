/** Everything the screen can do, by name: the palette, the cheat sheet and the keys read this list. */
import { host } from "../shared/host.svelte";
import { chosen } from "../shared/chosen.svelte";
import { segmentLetter } from "../shared/colors";
import { t } from "../shared/i18n.svelte";
import { jobs } from "../shared/jobs.svelte";
import { session } from "../shared/session.svelte";
import { settings } from "../shared/settings.svelte";
import { toasts } from "../shared/toasts.svelte";
import { focusSearch, ui } from "../shared/ui.svelte";
import { finder } from "../views/search/finder.svelte";
import { nameOf } from "../views/train/naming";
import { VERDICTS } from "../views/review/candidates";
import { reviewing } from "../views/review/reviewing.svelte";
import { PLANNED } from "../views/train/kinds";
import { plan } from "../views/train/plan.svelte";
import { PRESET_NAMES, withPreset } from "../views/train/presets";
import { watching } from "../views/train/watching.svelte";

export interface Command {
  id: string;
  title: string;
  group: string;
  /** As `matches` reads it: `mod+k`, `shift+f`, `?`. */
  keys?: string;
  run: () => void;
}

/** Lets the person choose a file and opens its preview. */
export async function chooseFile(): Promise<void> {
  try {
    const file = await host.backend.pickFile((name, part) => (ui.upload = { name, part }));
    if (file !== null) session.openFile(file);
  } catch (error) {
    toasts.fail(error);
  } finally {
    ui.upload = null;
  }
}

/** To the search box on screen; in the search view a row's like give way to the query. */
function toSearch(): Promise<void> {
  if (session.place === "search") finder.unlike();
  return focusSearch();
}

function pane(name: typeof ui.segmentsPane): void {
  session.place = "segments";
  ui.segmentsPane = name;
}

/** The commands that make sense now. */
export function commands(): Command[] {
  const list: Command[] = [];
  // What concerns a table waits while another file's preview lies over it.
  const before = session.importing === null;
  const add = (group: string, id: string, run: () => void, keys?: string, title = t(`commands.${id}`)) => list.push({ id, title, group: t(`groups.${group}`), keys, run });

  add("go", "go_data", () => (session.place = "data"), "1");
  if (session.dataset !== null) add("go", "go_segments", () => (session.place = "segments"), "2");
  if (session.dataset !== null) add("go", "go_search", () => (session.place = "search"), "3");
  add("go", "go_models", () => (session.place = "models"), "4");
  add("go", "go_train", () => (session.place = "train"), "5");
  add("go", "go_review", () => (session.place = "review"), "6");
  add("go", "go_settings", () => (session.place = "settings"), "7");

  add("file", "open_file", () => void chooseFile(), "mod+o");
  add("file", "try_sample", () => void session.importSample());
  if (before && session.dataset !== null) {
    add("file", "export", () => (ui.floating = "export"), "mod+e");
    add("file", "rename_dataset", () => (ui.floating = "rename"));
    add("file", "remove_dataset", () => (ui.removing = session.dataset?.id ?? null));
    add("file", "close_dataset", () => session.closeDataset());
    add("table", "search", () => void toSearch(), "/");
    if (session.dataset.issues > 0) add("table", "show_issues", () => ((session.place = "data"), (session.issuesOpen = true)));
    add("segments", "segment", () => void session.segment(), "mod+enter");
    add("segments", "suggest_k", () => pane("suggest"));
  }
  // In the search view the key is that of the result the keyboard is at.
  const found = before && session.place === "search" && finder.results.length > 0;
  if (found) {
    if (finder.hasMeaning) add("search", "more_like", () => finder.moreLike(finder.active), "m");
    if (session.run !== null) add("search", "result_on_map", () => finder.showOnMap(finder.active), "v");
    if (session.run !== null) add("search", "results_on_map", () => finder.showOnMap());
    add("search", "choose_results", () => finder.chooseAll());
  }
  if (before && session.run !== null) {
    add("segments", "show_map", () => pane("map"), found ? undefined : "m");
    add("segments", "show_table", () => pane("table"), "t");
    add("segments", "show_sizes", () => pane("sizes"));
    add("segments", "lasso", () => (pane("map"), (ui.mapTool = "lasso")), "l");
  }
  if (before && chosen.hasChoice) add("selection", "clear_selection", () => session.clearChoice(), "esc");
  if (before && (chosen.hasChoice || chosen.hasView)) add("selection", "clear_all", () => (session.clearChoice(), chosen.clearAll()));

  for (const one of (watching.list ?? []).slice(0, 20)) {
    add("train", `training_${one.output_dir}`, () => ((session.place = "train"), watching.choose(one.output_dir)), undefined, t("commands.see_training", { name: nameOf(one) }));
  }
  if (watching.training?.state === "running") add("train", "keep_training", () => void watching.end(true));
  for (const taught of PLANNED) {
    add("train", `teach_${taught}`, () => ((session.place = "train"), plan.turnTo(taught)), undefined, t("commands.teach", { task: t(`train.tasks.${taught}`) }));
  }
  for (const preset of PRESET_NAMES) {
    add("train", `preset_${preset}`, () => ((session.place = "train"), plan.turnTo("write"), (plan.settings = withPreset(plan.settings, preset))), undefined, t("commands.preset", { name: t(`train.presets.${preset}`) }));
  }
  // Where answers are judged, the letters are those of what can be said, and undo takes that back.
  const judging = session.place === "review" && reviewing.active !== null;
  if (judging) {
    for (const { verdict, key } of VERDICTS) add("review", `judge_${verdict}`, () => (verdict === "corrected" ? reviewing.correct() : reviewing.judge(verdict)), key, t(`review.do.${verdict}`));
    add("review", "next_candidate", () => reviewing.step(1), "j");
    add("review", "last_candidate", () => reviewing.step(-1), "k");
    add("review", "take_back", () => reviewing.undo(), "u");
  }
  add("edit", "undo", () => (judging ? reviewing.undo() : void session.undo()), "mod+z");
  add("screen", "palette", () => (ui.floating = "palette"), "mod+k");
  add("screen", "keys", () => (ui.floating = "keys"), "?");
  add("screen", "toggle_inspector", () => (session.inspectorOpen = !session.inspectorOpen), "i");
  add("screen", "toggle_tray", () => (ui.trayOpen = !ui.trayOpen), judging ? undefined : "j");
  for (const theme of ["light", "dark", "system"]) add("screen", `theme_${theme}`, () => void settings.set({ theme }));
  add("screen", "language_pt", () => void settings.set({ language: "pt-BR" }));
  add("screen", "language_en", () => void settings.set({ language: "en" }));

  const { quit } = host.backend;
  if (quit !== undefined) add("screen", "quit", () => (jobs.running.length > 0 ? (ui.floating = "quit") : quit()), "mod+q");

  for (const job of jobs.running) {
    add("jobs", `cancel_${job.id}`, () => void jobs.steer("cancel", job), undefined, t("commands.cancel_job", { job: t(`operations.${job.operation}`) }));
  }
  for (const segment of before ? session.segments : []) {
    const title = t("commands.choose_segment", { letter: segmentLetter(segment.id), name: session.nameOf(segment.id) });
    add("selection", `segment_${segment.id}`, () => session.toggleSegment(segment.id, false), undefined, title);
  }
  for (const column of before ? (session.dataset?.columns ?? []).slice(0, 200) : []) {
    add("table", `sort_${column.name}`, () => ((session.place = "data"), (chosen.sort = { column: column.name })), undefined, t("commands.sort_by", { column: column.name }));
    add("table", `stats_${column.name}`, () => ((session.focus = { kind: "column", column: column.name }), (session.inspectorOpen = true)), undefined, t("commands.stats_of", { column: column.name }));
  }
  for (const dataset of session.datasets.slice(0, 20)) {
    if (dataset.id !== session.dataset?.id) add("file", `dataset_${dataset.id}`, () => void session.openDataset(dataset.id), undefined, t("commands.open_dataset", { name: dataset.name }));
  }
  return list;
}
