import { type GalleryChangesSubscription, GalleryDocument, type GalleryFilter, type TileFragment, TilesDocument } from "../gql/graphql";
import { client } from "../net/client";
import { Store } from "../ui/store";
import { entryOf, type Entry, placeFor } from "./entries";
import { watchChanges } from "./watching";

type Change = GalleryChangesSubscription["galleryChanges"];

const PAGE = 60;
const MOST_AT_ONCE = 100;
const MOST_KEPT = 400;
const GOOD_FOR_MS = 240_000;
const REREAD_AFTER_MS = 300;

/**
 * A gallery as far as it was scrolled, kept true by its changes. Of all images it knows the place and the shape; what
 * they show, addresses that end after minutes included, only of some hundreds around those that are looked at.
 */
export class Source extends Store {
  readonly entries: Entry[] = [];
  total: number | null = null;
  hasMore = true;
  loading = false;
  fault: string | null = null;
  /** Changes whenever an image comes or goes. */
  shape = 0;
  scrollY = 0;

  #cursor: string | null = null;
  #stop: (() => void) | null = null;
  #rereading: ReturnType<typeof setTimeout> | undefined;
  readonly #asked = new Set<string>();

  constructor(readonly filter: GalleryFilter) {
    super();
  }

  close(): void {
    this.#stop?.();
    clearTimeout(this.#rereading);
  }

  /** Reads the next page, unless one is being read. */
  async more(): Promise<void> {
    if (this.loading || !this.hasMore) return;
    this.loading = true;
    this.fault = null;
    this.changed();
    const isFirst = this.#cursor === null;
    const page = await this.#read(this.#cursor, isFirst);
    this.loading = false;
    if (page) {
      this.hasMore = page.pageInfo.hasNextPage;
      this.#cursor = page.pageInfo.endCursor;
      for (const tile of page.nodes) this.#put(tile);
      if (isFirst) this.#watch(page.changeCursor);
    }
    this.changed();
  }

  /** Sees to it that these can be shown, and forgets what lies far away. */
  look(from: number, until: number): void {
    const old = Date.now() - GOOD_FOR_MS;
    const wanted = this.entries.slice(from, until).filter((entry) => entry.readAt < old && !this.#asked.has(entry.id));
    if (wanted.length) void this.#reread(wanted.slice(0, MOST_AT_ONCE));
    this.#forgetFarFrom((from + until) >> 1);
  }

  /** An image's address did not work: it may be over. */
  async renew(id: string): Promise<void> {
    const entry = this.entries.find((one) => one.id === id);
    if (entry && Date.now() - entry.readAt > GOOD_FOR_MS / 10) await this.#reread([entry]);
  }

  remove(id: string): void {
    const at = this.entries.findIndex((entry) => entry.id === id);
    if (at < 0) return;
    this.entries.splice(at, 1);
    this.#moved(-1);
  }

  neighbours(id: string): { before: string | undefined; after: string | undefined } {
    const at = this.entries.findIndex((entry) => entry.id === id);
    if (at < 0) return { before: undefined, after: undefined };
    if (at > this.entries.length - 5) void this.more();
    return { before: this.entries[at - 1]?.id, after: this.entries[at + 1]?.id };
  }

  async #read(after: string | null, counted: boolean) {
    const asked = { first: PAGE, after, filter: this.filter, counted };
    const { data, error } = await client.query(GalleryDocument, asked).toPromise();
    const page = data?.gallery;
    if (page?.totalCount !== undefined) this.total = page.totalCount;
    if (!page) this.fault = error?.graphQLErrors[0]?.message ?? "The service cannot be reached.";
    return page;
  }

  async #reread(wanted: Entry[]): Promise<void> {
    for (const { id } of wanted) this.#asked.add(id);
    const { data } = await client.query(TilesDocument, { ids: wanted.map(({ id }) => id) }).toPromise();
    for (const { id } of wanted) this.#asked.delete(id);
    for (const tile of data?.nodes ?? []) if (tile && "id" in tile) this.#put(tile as TileFragment);
    this.changed();
  }

  #put(tile: TileFragment): void {
    const entry = entryOf(tile);
    const known = this.entries.find(({ id }) => id === tile.id);
    if (known) Object.assign(known, entry);
    else {
      this.entries.splice(placeFor(this.entries, entry), 0, entry);
      this.#moved(0);
    }
  }

  #forgetFarFrom(middle: number): void {
    if (this.entries.length <= MOST_KEPT) return;
    this.entries.forEach((entry, at) => {
      if (Math.abs(at - middle) > MOST_KEPT / 2) Object.assign(entry, { tile: null, readAt: 0 });
    });
  }

  #watch(after: string): void {
    this.#stop = watchChanges(after, {
      changed: (change) => this.#apply(change),
      expired: () => this.#reset(),
    });
  }

  #apply({ kind, image, imageId }: Change): void {
    const trashed = Boolean(image?.deletedAt);
    const belongs = image !== null && trashed === Boolean(this.filter.trashed);
    if (!belongs) this.remove(imageId);
    else if (this.entries.some(({ id }) => id === imageId)) this.#put(image);
    else if (kind !== "UPDATED" || trashed) this.#come(image);
    this.changed();
  }

  /** Whether somebody new is what is sought only the service can say. What lies behind the last page comes with its own. */
  #come(tile: TileFragment): void {
    if (this.filter.search || this.filter.tagsAll?.length) {
      clearTimeout(this.#rereading);
      this.#rereading = setTimeout(() => void this.#head(), REREAD_AFTER_MS);
      return;
    }
    if (this.total !== null) this.total += 1;
    if (!this.hasMore || placeFor(this.entries, entryOf(tile)) < this.entries.length) this.#put(tile);
  }

  async #head(): Promise<void> {
    const page = await this.#read(null, true);
    for (const tile of page?.nodes ?? []) this.#put(tile);
    this.changed();
  }

  #moved(by: number): void {
    this.shape += 1;
    if (this.total !== null) this.total = Math.max(this.total + by, this.entries.length);
    this.changed();
  }

  #reset(): void {
    this.close();
    this.entries.length = 0;
    this.#cursor = null;
    this.hasMore = true;
    this.shape += 1;
    void this.more();
  }
}
