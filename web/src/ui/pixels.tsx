import { type ComponentProps, type SyntheticEvent, useState } from "react";

const MOST_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1_000;

/** An image that is asked for again when it does not come: its service may be busy, or the line away. */
export function Pixels({ onError, ...image }: ComponentProps<"img">) {
  const [attempt, setAttempt] = useState(1);

  function askAgain(event: SyntheticEvent<HTMLImageElement>) {
    onError?.(event);
    if (attempt < MOST_ATTEMPTS) setTimeout(() => setAttempt(attempt + 1), FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }

  return <img key={attempt} {...image} onError={askAgain} />;
}
