import { replace, withQuery } from "../routing";
import { Icon } from "../ui/icons";
import type { Source } from "./source";

const MOST = 8;

interface Props {
  source: Source;
  place: string;
  search: string;
  chosen: string[];
}

/** The tags that narrow the gallery, and those that could: the most frequent of the images at hand. */
export function Tags({ source, place, search, chosen }: Props) {
  const offered = frequent(source).filter((tag) => !chosen.includes(tag));
  const choose = (tag: string[]) => replace(withQuery(place, { q: search, tag }));
  if (!chosen.length && !offered.length) return null;
  return (
    <div className="tags" role="group" aria-label="Tags">
      {chosen.map((tag) => (
        <button
          key={tag}
          type="button"
          className="chip"
          aria-pressed="true"
          onClick={() => choose(chosen.filter((other) => other !== tag))}
        >
          {tag}
          <Icon name="close" />
        </button>
      ))}
      {offered.slice(0, MOST).map((tag) => (
        <button key={tag} type="button" className="chip" aria-pressed="false" onClick={() => choose([...chosen, tag])}>
          {tag}
        </button>
      ))}
    </div>
  );
}

function frequent({ entries }: Source): string[] {
  const counts = new Map<string, number>();
  for (const { tile } of entries) for (const tag of tile?.tags ?? []) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([tag]) => tag);
}
