import { useLayoutEffect, useRef } from "react";
import { thumbHashToRGBA } from "thumbhash";

/** A ThumbHash, drawn: what a picture looks like before it is there. */
export function Blur({ thumbhash }: { thumbhash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const hash = Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0));
    const { w, h, rgba } = thumbHashToRGBA(hash);
    context.canvas.width = w;
    context.canvas.height = h;
    context.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  }, [thumbhash]);
  return <canvas ref={canvas} className="blur" aria-hidden="true" />;
}
