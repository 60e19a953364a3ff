import { useState } from "react";

import { Blur } from "../gallery/blur";
import { byWidth, srcSetOf } from "../gallery/presets";
import type { PictureFragment } from "../gql/graphql";
import { Pixels } from "../ui/pixels";

/** The picture itself, as large as there is room for and no larger than it is. */
export function Stage({ picture }: { picture: PictureFragment }) {
  const { widthPx, heightPx, placeholder, variants, srcSet, state, filename, caption } = picture;
  const [isThere, setThere] = useState(false);
  const presets = byWidth(variants);
  const best = presets.at(-1);
  const sources = widthPx > (best?.widthPx ?? 0) ? `${srcSetOf(presets)}, ${srcSet}` : srcSetOf(presets);
  return (
    <figure className="stage">
      <div
        className="stage-frame"
        style={{ aspectRatio: `${widthPx} / ${heightPx}`, maxWidth: widthPx, backgroundColor: placeholder?.dominantColor }}
      >
        {!isThere && placeholder && <Blur thumbhash={placeholder.thumbhash} />}
        {best && (
          <Pixels
            src={best.url}
            srcSet={sources}
            sizes="(min-width: 900px) 65vw, 100vw"
            width={widthPx}
            height={heightPx}
            alt={caption || filename}
            className={isThere ? "there" : ""}
            onLoad={() => setThere(true)}
          />
        )}
        {state === "PROCESSING" && !best && <p className="waiting">Developing …</p>}
      </div>
    </figure>
  );
}
