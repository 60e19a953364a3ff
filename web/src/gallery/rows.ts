import type { Entry } from "./entries";

/** Images side by side, as high as makes them fill the width. */
export interface Row {
  first: number;
  until: number;
  top: number;
  height: number;
}

/** Rows of about the wanted height, each exactly as wide as the page but for the last. */
export function rowsOf(entries: readonly Entry[], width: number, wanted: number, gap: number): Row[] {
  const rows: Row[] = [];
  let [first, aspects, top] = [0, 0, 0];
  entries.forEach((entry, at) => {
    aspects += entry.aspect;
    const height = (width - gap * (at - first)) / aspects;
    const isLast = at === entries.length - 1;
    if (height > wanted && !isLast) return;
    const row = { first, until: at + 1, top, height: Math.min(height, wanted * 1.15) };
    rows.push(row);
    top += row.height + gap;
    [first, aspects] = [at + 1, 0];
  });
  return rows;
}

/** Of rows in order, those that touch the stretch from `top` to `bottom`. */
export function between(rows: readonly Row[], top: number, bottom: number): Row[] {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle]!;
    if (row.top + row.height < top) low = middle + 1;
    else high = middle;
  }
  const seen: Row[] = [];
  for (let at = low; at < rows.length && rows[at]!.top < bottom; at += 1) seen.push(rows[at]!);
  return seen;
}
