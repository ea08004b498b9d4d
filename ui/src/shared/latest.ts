/** Work that only matters in its newest form: typing never waits for what typing asked before. */

/** Runs only the last of a burst of calls, `wait` milliseconds after it. */
export function debounced<A extends unknown[]>(wait: number, run: (...args: A) => void): ((...args: A) => void) & { cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (...args: A) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), wait);
  };
  return Object.assign(later, { cancel: () => clearTimeout(timer) });
}

/** Gives a promise's value to `use` only if nothing newer was asked meanwhile. */
export function latest<T>(use: (value: T) => void, fail: (error: unknown) => void): ((work: Promise<T>) => void) & { drop(): void } {
  let newest = 0;
  const take = (work: Promise<T>) => {
    newest += 1;
    const mine = newest;
    work.then(
      (value) => mine === newest && use(value),
      (error: unknown) => mine === newest && fail(error),
    );
  };
  return Object.assign(take, { drop: () => void (newest += 1) });
}
