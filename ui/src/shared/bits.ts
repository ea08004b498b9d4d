/** Sets of rows as the `matches` operation answers them: row i is bit `i % 8` of byte `i / 8`. */

/** Whether the set holds a row. */
export function hasBit(bits: Uint8Array, row: number): boolean {
  return ((bits[row >> 3] >> (row & 7)) & 1) === 1;
}

/** How many rows the set holds. */
export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bits.length; i += 1) {
    let value = bits[i];
    value -= (value >> 1) & 0x55;
    value = (value & 0x33) + ((value >> 2) & 0x33);
    count += (value + (value >> 4)) & 0x0f;
  }
  return count;
}
