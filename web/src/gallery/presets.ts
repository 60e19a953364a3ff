interface Preset {
  url: string;
  widthPx: number;
}

/** From narrow to wide. */
export function byWidth<Kind extends Preset>(variants: readonly Kind[]): Kind[] {
  return [...variants].sort((a, b) => a.widthPx - b.widthPx);
}

export function srcSetOf(variants: readonly Preset[]): string {
  return variants.map(({ url, widthPx }) => `${url} ${widthPx}w`).join(", ");
}

/** Whether two addresses of each lead to the same: what a signature adds behind the `?` makes no difference. */
export function sameBytes(some: readonly Preset[], others: readonly Preset[]): boolean {
  const places = (variants: readonly Preset[]) => variants.map(({ url }) => url.split("?")[0]).sort().join(" ");
  return places(some) === places(others);
}
