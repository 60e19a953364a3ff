import { useSyncExternalStore } from "react";

/** Behind the `#` of the address, so that no path of the service is taken: `#/batches/4f?tag=sea`. */
export interface Route {
  path: string[];
  query: URLSearchParams;
}

const listen = (listener: () => void) => {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(listen, () => location.hash);
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export function to(...path: string[]): string {
  return `#/${path.map(encodeURIComponent).join("/")}`;
}

export function withQuery(address: string, query: Record<string, string | string[]>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one) search.append(name, one);
  }
  return search.size ? `${address}?${search}` : address;
}

export function go(address: string): void {
  location.hash = address;
}

/** As `go`, leaving no step back: for what is typed into a search field. */
export function replace(address: string): void {
  history.replaceState(null, "", address);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
