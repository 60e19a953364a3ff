import type { TileFragment } from "../gql/graphql";

/** A place in the gallery. What it shows may be forgotten and read again; where it stands is kept. */
export interface Entry {
  id: string;
  createdAt: string;
  aspect: number;
  tile: TileFragment | null;
  readAt: number;
}

const NARROWEST = 0.5;
const WIDEST = 2.6;

export function entryOf(tile: TileFragment): Entry {
  const { id, createdAt, widthPx, heightPx } = tile;
  const aspect = Math.min(Math.max(widthPx / heightPx, NARROWEST), WIDEST);
  return { id, createdAt, aspect, tile, readAt: Date.now() };
}

/** Where an image of that time belongs in a list that has the newest first. */
export function placeFor(entries: readonly Entry[], { createdAt }: Entry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.createdAt > createdAt) low = middle + 1;
    else high = middle;
  }
  return low;
}
