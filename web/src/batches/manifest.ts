import type { ProblemFragment } from "../gql/graphql";

/** A line of a manifest as it stands there, with what is wrong with it. `spans` are the cells that are meant. */
export interface Marked {
  line: number;
  text: string;
  spans: [number, number][];
  problems: ProblemFragment[];
}

const LARGEST_SHOWN_BYTES = 16 * 1024 * 1024;

/** The lines of a file, or none if it is too large to be shown. */
export async function linesOf(file: File, encoding: string): Promise<string[]> {
  if (file.size > LARGEST_SHOWN_BYTES) return [];
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  const label = encoding === "UTF-16" ? (isBigEndian ? "utf-16be" : "utf-16le") : "utf-8";
  return new TextDecoder(label).decode(bytes).split(/\r\n|\n|\r/);
}

export function marked(lines: string[], delimiter: string, problems: ProblemFragment[]): Marked[] {
  const header = lines.find((line) => line.trim() && !/^"?sep=/i.test(line)) ?? "";
  const headings = cells(header, delimiter).map(([from, until]) => bare(header.slice(from, until)));
  const byLine = new Map<number, ProblemFragment[]>();
  for (const problem of problems) byLine.set(problem.line, [...(byLine.get(problem.line) ?? []), problem]);
  return [...byLine]
    .sort(([a], [b]) => a - b)
    .map(([line, found]) => {
      const text = lines[line - 1] ?? "";
      const all = cells(text, delimiter);
      const meant = new Set(found.map(({ column }) => (column === null ? -1 : headings.indexOf(bare(column)))));
      const spans = all.filter((_, at) => meant.has(at));
      return { line, text, spans, problems: found };
    });
}

/** Where each cell of a line begins and ends. */
export function cells(line: string, delimiter: string): [number, number][] {
  const found: [number, number][] = [];
  let [begin, isQuoted] = [0, false];
  for (let at = 0; at <= line.length; at += 1) {
    if (line[at] === '"') isQuoted = !isQuoted;
    if (at < line.length && (isQuoted || line[at] !== delimiter)) continue;
    found.push([begin, at]);
    begin = at + 1;
  }
  return found;
}

const bare = (heading: string) => heading.replace(/^\uFEFF/, "").trim().replace(/^"|"$/g, "").trim().toLowerCase();
