import { useState } from "react";

import type { TileFragment } from "../gql/graphql";
import { Icon } from "../ui/icons";
import { Blur } from "./blur";
import { byWidth, srcSetOf } from "./presets";

interface Props {
  tile: TileFragment;
  width: number;
  /** The address did not work. */
  onLost: () => void;
}

/** A picture in a gallery: its blur, then its pixels. Fresh addresses of pixels that are there already change nothing. */
export function Photo({ tile, width, onLost }: Props) {
  const [there, setThere] = useState<TileFragment | null>(null);
  const isSame = there !== null && there.placeholder?.thumbhash === tile.placeholder?.thumbhash;
  const shown = isSame ? there : tile;
  const presets = byWidth(shown.variants);
  const smallest = presets[0];
  return (
    <>
      {!isSame && tile.placeholder && <Blur thumbhash={tile.placeholder.thumbhash} />}
      {smallest && (
        <img
          className={isSame ? "there" : ""}
          src={smallest.url}
          srcSet={srcSetOf(presets)}
          sizes={`${Math.ceil(width)}px`}
          alt={tile.caption || tile.filename}
          decoding="async"
          draggable={false}
          onLoad={() => setThere(tile)}
          onError={onLost}
        />
      )}
      {tile.state !== "READY" && !smallest && <Waiting tile={tile} />}
    </>
  );
}

function Waiting({ tile: { state, filename } }: { tile: TileFragment }) {
  return (
    <span className={`waiting waiting-${state.toLowerCase()}`}>
      {state === "FAILED" && <Icon name="alert" />}
      <span>{state === "FAILED" ? "Could not be developed" : "Developing …"}</span>
      <small>{filename}</small>
    </span>
  );
}
