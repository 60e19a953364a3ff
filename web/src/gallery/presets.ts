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
