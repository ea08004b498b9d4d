/** Conditions as the filter language writes them: `nicho = 'Contabilidade' and valor >= 100`. */

/** The comparisons there are, and the sentence each is called by. */
export const OPERATORS = [
  { sign: "=", name: "is" },
  { sign: "!=", name: "differs" },
  { sign: "~", name: "contains" },
  { sign: ">=", name: "at_least" },
  { sign: "<=", name: "at_most" },
  { sign: ">", name: "more" },
  { sign: "<", name: "less" },
] as const;

export type Operator = (typeof OPERATORS)[number]["sign"];

/** Whether a filter can name a column: there is no way to write a quote within quotes. */
export const canName = (column: string) => !column.includes('"');

const named = (column: string) => (/^[\p{Alphabetic}\p{N}_]+$/u.test(column) ? column : `"${column}"`);

const quoted = (value: string) => (/^-?\d[\d.,]*$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`);

/** A condition on a column. */
export function condition(column: string, operator: Operator, value: string): string {
  return `${named(column)} ${operator} ${quoted(value)}`;
}

/** A filter with one more condition: all of them must hold. */
export function withCondition(filter: string, more: string): string {
  return filter.trim() === "" ? more : `${filter.trim()} and ${more}`;
}
