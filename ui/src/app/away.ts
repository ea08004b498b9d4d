/** What is said while the window is closed and work goes on. */
import type { AwayWords } from "../backend/backend";
import type { JobStatus } from "../gen/operations";
import { clock, number, t } from "../shared/i18n.svelte";
import { partDone } from "../shared/jobs.svelte";

/** The jobs that hold the program open: what is paused does not. */
export function atWork(running: readonly JobStatus[]): JobStatus[] {
  return running.filter((job) => job.state !== "paused");
}

/** A job in one line, to the percent and, near its end, the second: the tray is told of nothing finer. */
function line(job: JobStatus): string {
  const part = partDone(job);
  const left = job.seconds_left !== null && job.seconds_left >= 1 ? job.seconds_left : null;
  const minutes = left === null || left < 60 ? left : Math.ceil(left / 60) * 60;
  return [t(`operations.${job.operation}`), part === null ? "" : `${number(part * 100)}%`, minutes === null ? "" : t("jobs.left", { time: clock(minutes) })].filter(Boolean).join(" · ");
}

export function awayWords(running: readonly JobStatus[]): AwayWords {
  const working = atWork(running);
  const [first] = working;
  return {
    open: t("away.open"),
    quit: t(first === undefined ? "away.quit" : "away.stop_and_quit"),
    work: first === undefined ? t("jobs.none_running") : working.length === 1 ? line(first) : `${line(first)} (+${working.length - 1})`,
    stays: t("away.stays"),
    stays_how: first === undefined ? "" : t("away.stays_how", { job: t(`operations.${first.operation}`) }),
  };
}
