/** What is said while the window is closed and work goes on. */
import type { AwayWords } from "../backend/backend";
import type { JobStatus } from "../gen/operations";
import { clock, number, t } from "../shared/i18n.svelte";
import { partDone } from "../shared/jobs.svelte";

/** The jobs that hold the program open, those that run first, the oldest of them before the others. */
function inOrder(running: readonly JobStatus[]): JobStatus[] {
  const rank = ({ state }: JobStatus) => (state === "running" ? 0 : state === "paused" ? 1 : 2);
  return running.toSorted((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/** A job in one line, to the percent and, near its end, the second: the tray is told of nothing finer. */
function line(job: JobStatus): string {
  const part = partDone(job);
  const left = job.seconds_left !== null && job.seconds_left >= 1 ? job.seconds_left : null;
  const minutes = left === null || left < 60 ? left : Math.ceil(left / 60) * 60;
  if (job.state !== "running") return `${t(`operations.${job.operation}`)} · ${t(`states.${job.state}`)}`;
  return [t(`operations.${job.operation}`), part === null ? "" : `${number(part * 100)}%`, minutes === null ? "" : t("jobs.left", { time: clock(minutes) })].filter(Boolean).join(" · ");
}

export function awayWords(running: readonly JobStatus[]): AwayWords {
  const working = inOrder(running);
  const [first] = working;
  return {
    open: t("away.open"),
    quit: t(first === undefined ? "away.quit" : "away.stop_and_quit"),
    work: first === undefined ? t("jobs.none_running") : working.length === 1 ? line(first) : `${line(first)} (+${working.length - 1})`,
    stays: t("away.stays"),
    stays_how: first === undefined ? "" : t("away.stays_how", { job: t(`operations.${first.operation}`) }),
  };
}
