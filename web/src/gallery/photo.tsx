import { useState } from "react";

import type { TileFragment } from "../gql/graphql";
import { Icon } from "../ui/icons";
import { Pixels } from "../ui/pixels";
import { Blur } from "./blur";
import { byWidth, sameBytes, srcSetOf } from "./presets";

/** A tenth more pixels than a preset has is not worth the sixteen times as many of the next one. */
const SOFT_ENOUGH = 0.88;

interface Props {
  tile: TileFragment;
  width: number;
  /** The address did not work. */
  onLost: () => void;
}

/** A picture in a gallery: its blur, then its pixels. Fresh addresses of pixels that are there already change nothing. */
export function Photo({ tile, width, onLost }: Props) {
  const [there, setThere] = useState<TileFragment["variants"]>([]);
  const isSame = there.length > 0 && sameBytes(there, tile.variants);
  const presets = byWidth(isSame ? there : tile.variants);
  const smallest = presets[0];
  return (
    <>
      {!isSame && tile.placeholder && <Blur thumbhash={tile.placeholder.thumbhash} />}
      {smallest && (
        <Pixels
          className={isSame ? "there" : ""}
          src={smallest.url}
          srcSet={srcSetOf(presets)}
          sizes={`${Math.floor(width * SOFT_ENOUGH)}px`}
          alt={tile.caption || tile.filename}
          decoding="async"
          draggable={false}
          onLoad={() => setThere(tile.variants)}
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
