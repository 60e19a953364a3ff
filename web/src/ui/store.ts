import { useSyncExternalStore } from "react";

/** Something that changes, and tells those who show it, at most once a frame. */
export abstract class Store {
  #version = 0;
  #due = 0;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;

  protected changed(): void {
    if (this.#due) return;
    this.#due = requestAnimationFrame(() => {
      this.#due = 0;
      this.#version += 1;
      for (const listener of this.#listeners) listener();
    });
  }
}

/** Shows the component anew whenever the store has changed. */
export function useStore<Kind extends Store>(store: Kind): Kind {
  useSyncExternalStore(store.subscribe, store.version);
  return store;
}
