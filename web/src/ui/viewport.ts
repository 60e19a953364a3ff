import { type RefObject, useLayoutEffect, useState } from "react";

/** How wide an element is, and which stretch of it can be seen, with some more around it. */
export interface Viewport {
  width: number;
  top: number;
  bottom: number;
}

const STEP_PX = 80;
/** Of what is seen, that much is there above and below it. */
const AROUND = 0.75;

export function useViewport(element: RefObject<HTMLElement | null>): Viewport {
  const [viewport, setViewport] = useState<Viewport>({ width: 0, top: 0, bottom: 0 });
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return undefined;
    let due = 0;
    const look = () => {
      due = 0;
      const { top, width } = box.getBoundingClientRect();
      const seen = Math.floor(-top / STEP_PX) * STEP_PX;
      const around = innerHeight * AROUND;
      const next = { width, top: seen - around, bottom: seen + innerHeight + around };
      setViewport((now) => (now.top === next.top && now.width === width && now.bottom === next.bottom ? now : next));
    };
    const soon = () => {
      due ||= requestAnimationFrame(look);
    };
    look();
    const resized = new ResizeObserver(soon);
    resized.observe(box);
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(due);
      resized.disconnect();
      removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  }, [element]);
  return viewport;
}
