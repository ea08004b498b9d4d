/**
 * Scrolling through more rows than a browser can make a page tall. WebKit and Firefox stop near
 * 17–33 million pixels, and a million rows of 28 px are 28 million; so beyond a safe height the
 * scroll bar stands for a share of the table, and the row on top is kept as its own number.
 */
export const SAFE_HEIGHT = 8_000_000;

export interface Extent {
  /** Rows in the table. */
  rows: number;
  /** Pixels of a row. */
  rowHeight: number;
  /** Pixels of the part that is seen. */
  viewport: number;
}

/** Height of the scrolled content in pixels. */
export function contentHeight({ rows, rowHeight, viewport }: Extent): number {
  return Math.max(viewport, Math.min(rows * rowHeight, SAFE_HEIGHT));
}

/** The greatest possible row on top, a fraction. */
export function lastTop({ rows, rowHeight, viewport }: Extent): number {
  return Math.max(0, rows - viewport / rowHeight);
}

/** Whether the scroll bar stands for shares and not for pixels. */
export function isScaled(extent: Extent): boolean {
  return extent.rows * extent.rowHeight > SAFE_HEIGHT;
}

/** The row on top for a scroll position, a fraction. */
export function topRowAt(scrollTop: number, extent: Extent): number {
  if (!isScaled(extent)) return Math.min(scrollTop / extent.rowHeight, lastTop(extent));
  const track = contentHeight(extent) - extent.viewport;
  return track <= 0 ? 0 : Math.min(1, Math.max(0, scrollTop / track)) * lastTop(extent);
}

/** The scroll position that shows a row on top. */
export function scrollTopFor(topRow: number, extent: Extent): number {
  const top = Math.min(Math.max(0, topRow), lastTop(extent));
  if (!isScaled(extent)) return top * extent.rowHeight;
  const last = lastTop(extent);
  return last === 0 ? 0 : (top / last) * (contentHeight(extent) - extent.viewport);
}

/** The least move of the row on top that shows a row whole. */
export function topRowShowing(row: number, topRow: number, extent: Extent): number {
  const whole = Math.max(1, Math.floor(extent.viewport / extent.rowHeight));
  if (row < topRow) return row;
  if (row > topRow + whole - 1) return Math.min(row - whole + 1, lastTop(extent));
  return topRow;
}
