import {
  BatchDocument,
  BatchProgressDocument,
  type BatchProgressSubscription,
  type BatchQuery,
  ProductsDocument,
  type ProductsQuery,
} from "../gql/graphql";
import { client } from "../net/client";
import { Store } from "../ui/store";
import { goesOn } from "./wording";

export type Facts = NonNullable<BatchQuery["batch"]>;
export type Product = NonNullable<ProductsQuery["batch"]>["products"]["nodes"][number];
type Progress = BatchProgressSubscription["batchProgress"];
type Ended = NonNullable<Progress["item"]>;

const LOOK_AGAIN_MS = 1_500;

/** A batch, its products as far as they were scrolled to, and what its events change in them. */
export class Following extends Store {
  /** Undefined until it is known, null if there is none. */
  facts: Facts | null | undefined;
  readonly products: Product[] = [];
  hasMore = true;
  isUnreachable = false;

  #sequence: number | undefined;
  #cursor: string | null = null;
  #isReading = false;
  #loadedItems = 0;
  readonly #places = new Map<string, number>();
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #stop: (() => void) | null = null;

  constructor(readonly id: string) {
    super();
  }

  open(): void {
    void this.#look();
    this.follow();
  }

  close(): void {
    this.#stop?.();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Listens, from behind the last event that was heard. */
  follow(): void {
    this.#stop?.();
    const stream = client.subscription(BatchProgressDocument, { id: this.id, after: this.#sequence }).subscribe((answer) => {
      if (answer.data) this.#hear(answer.data.batchProgress);
      else if (answer.error && this.facts !== null) {
        this.#sequence = undefined; // it may be too old to go on from
        this.#later(() => this.follow());
      }
    });
    this.#stop = () => stream.unsubscribe();
  }

  /** Reads on in the products. What the service has not read of the manifest yet is asked for again. */
  async more(): Promise<void> {
    if (this.#isReading || !this.hasMore) return;
    this.#isReading = true;
    const { data } = await client.query(ProductsDocument, { id: this.id, after: this.#cursor }).toPromise();
    this.#isReading = false;
    const page = data?.batch?.products;
    const isEarly = !page?.nodes.length || page.nodes.some(({ items }) => !items.length);
    if (isEarly && this.#isBeingRead()) return this.#pauseReading();
    for (const product of page?.nodes ?? []) this.#add(product);
    this.#cursor = page?.pageInfo.endCursor ?? this.#cursor;
    this.hasMore = Boolean(page?.pageInfo.hasNextPage) || this.#isBeingRead();
    this.changed();
  }

  /** Whether a worker may still have something to write down: products come before their items. */
  #isBeingRead(): boolean {
    if (!this.facts) return true;
    const { state, counts } = this.facts;
    return this.#loadedItems < counts.total && (goesOn(state) || state === "PAUSED");
  }

  #pauseReading(): void {
    this.#isReading = true;
    this.#later(() => {
      this.#isReading = false;
      this.changed();
      void this.more();
    });
  }

  #add(product: Product): void {
    this.#places.set(product.id, this.products.length);
    this.#loadedItems += product.items.length;
    this.products.push(product);
  }

  #hear(progress: Progress): void {
    this.#sequence = progress.sequence;
    const { state, counts, etaSeconds, item } = progress;
    if (this.facts) this.facts = { ...this.facts, state, counts, etaSeconds, progress: progress.progress };
    if (state === "CANCELLED") this.#giveUp();
    if (item) this.#end(item);
    else if (!goesOn(state)) void this.#look();
    if (!this.#timers.size) this.#later(() => void this.#look());
    this.changed();
  }

  /** An item has ended: its product moves. */
  #end(item: Ended): void {
    const at = this.#places.get(item.product.id);
    const product = at === undefined ? undefined : this.products[at];
    if (at === undefined || !product) return;
    const others = product.items.filter(({ id }) => id !== item.id);
    const items = [...others, item].sort((a, b) => a.position - b.position);
    this.products[at] = { ...product, items };
  }

  /** A batch is cancelled by one event, and with it all that waits. */
  #giveUp(): void {
    this.products.forEach((product, at) => {
      if (!product.items.some(({ state }) => state === "PENDING")) return;
      const items = product.items.map((item) => (item.state === "PENDING" ? { ...item, state: "CANCELLED" as const } : item));
      this.products[at] = { ...product, items };
    });
  }

  async #look(): Promise<void> {
    const { data, error } = await client.query(BatchDocument, { id: this.id }).toPromise();
    this.isUnreachable = Boolean(error) && this.facts === undefined;
    if (data) this.facts = data.batch;
    this.changed();
  }

  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, LOOK_AGAIN_MS);
    this.#timers.add(timer);
  }

  /** Some items wait again: what is known of them is read anew. */
  async afresh(): Promise<void> {
    this.products.length = 0;
    this.#places.clear();
    this.#loadedItems = 0;
    this.#cursor = null;
    this.hasMore = true;
    this.follow();
    await Promise.all([this.#look(), this.more()]);
  }
}
