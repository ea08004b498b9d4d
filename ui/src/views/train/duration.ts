/** Times told roughly, as an estimate deserves: seconds, minutes, or hours and minutes. */

export interface Told {
  /** The key of the sentence under `train.time`. */
  key: "seconds" | "minutes" | "hours" | "days";
  values: Record<string, number>;
}

/** Seconds as one says them. Under ten minutes nothing finer than half the last digit is claimed. */
export function roughly(seconds: number): Told {
  if (seconds < 90) return { key: "seconds", values: { n: Math.max(1, seconds < 10 ? Math.round(seconds) : Math.round(seconds / 5) * 5) } };
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return { key: "minutes", values: { n: minutes } };
  if (minutes < 48 * 60) return { key: "hours", values: { h: Math.floor(minutes / 60), m: minutes % 60 } };
  return { key: "days", values: { d: Math.floor(minutes / 1440), h: Math.round((minutes % 1440) / 60) } };
}
