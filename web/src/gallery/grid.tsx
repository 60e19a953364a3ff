import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from "react";

import type { TileFragment } from "../gql/graphql";
import { to } from "../routing";
import { useViewport } from "../ui/viewport";
import { moveByArrows } from "./arrows";
import type { Entry } from "./entries";
import { Photo } from "./photo";
import { between, type Row, rowsOf } from "./rows";
import type { Source } from "./source";

const GAP_PX = 6;
const NEAR_THE_END_PX = 2_000;
const wantedHeight = (width: number) => (width < 640 ? 120 : 180);

interface Props {
  source: Source;
  /** What can be done with an image where it stands. */
  actions?: ((tile: TileFragment) => ReactNode) | undefined;
}

/** The rows that can be seen, and no others: so the page stays small, however far it is scrolled. */
export function Grid({ source, actions }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { width, top, bottom } = useViewport(box);
  const rows = useMemo(
    () => (width ? rowsOf(source.entries, width, wantedHeight(width), GAP_PX) : []),
    [source, source.shape, width],
  );
  const seen = between(rows, top, bottom);
  const [from, until] = [seen[0]?.first ?? 0, seen.at(-1)?.until ?? 0];
  const last = rows.at(-1);
  const height = last ? last.top + last.height : 0;

  useEffect(() => source.look(from, until), [source, source.shape, from, until]);
  useEffect(() => {
    if (width && bottom + NEAR_THE_END_PX > height) void source.more();
  }, [source, source.loading, width, bottom, height]);
  useScrollKept(source, width > 0);

  return (
    <div ref={box} className="grid" role="list" aria-label="Photos" style={{ height }} onKeyDown={moveByArrows}>
      {seen.map((row) => (
        <Line key={row.first} row={row} source={source} actions={actions} />
      ))}
    </div>
  );
}

function Line({ row, source, actions }: Props & { row: Row }) {
  let left = 0;
  return source.entries.slice(row.first, row.until).map((entry, at) => {
    const width = entry.aspect * row.height;
    const place = { left, top: row.top, width, height: row.height };
    left += width + GAP_PX;
    return (
      <div
        key={entry.id}
        className="tile"
        role="listitem"
        aria-setsize={source.total ?? -1}
        aria-posinset={row.first + at + 1}
        style={{ ...place, backgroundColor: entry.tile?.placeholder?.dominantColor }}
      >
        <Tile entry={entry} index={row.first + at} width={width} source={source} />
        {entry.tile && actions?.(entry.tile)}
      </div>
    );
  });
}

function Tile({ entry, index, width, source }: { entry: Entry; index: number; width: number; source: Source }) {
  const { id, tile } = entry;
  return (
    <a href={to("images", id)} data-index={index} aria-label={tile ? undefined : "A photo"}>
      {tile && <Photo tile={tile} width={width} onLost={() => void source.renew(id)} />}
    </a>
  );
}

/** Whoever comes back finds the page where it was left. */
function useScrollKept(source: Source, isLaidOut: boolean) {
  useLayoutEffect(() => {
    if (!isLaidOut) return undefined;
    scrollTo(0, source.scrollY);
    const remember = () => {
      source.scrollY = scrollY;
    };
    addEventListener("scroll", remember, { passive: true });
    return () => removeEventListener("scroll", remember);
  }, [source, isLaidOut]);
}
