import type { GalleryFilter } from "../gql/graphql";
import * as session from "../net/session";
import { Source } from "./source";

const MOST = 3;
const open = new Map<string, Source>();

/** The gallery with this filter, as it was left if it was one of the last that were looked at. */
export function sourceFor(filter: GalleryFilter): Source {
  const key = JSON.stringify(filter);
  const source = open.get(key) ?? new Source(filter);
  open.delete(key);
  open.set(key, source);
  for (const [oldest, stale] of open) {
    if (open.size <= MOST) break;
    stale.close();
    open.delete(oldest);
  }
  return source;
}

/** The gallery that was looked at last. */
export function lastSource(): Source | undefined {
  return [...open.values()].at(-1);
}

/** Takes an image out of sight at once where it has left: the trash, or the photos. Its change comes sooner or later. */
export function forget(id: string, { trashed }: { trashed: boolean }): void {
  for (const source of open.values()) if (Boolean(source.filter.trashed) === trashed) source.remove(id);
}

session.subscribe(() => {
  if (session.get()) return;
  for (const source of open.values()) source.close();
  open.clear();
});
