import { useEffect } from "react";

import { go } from "../routing";

/** Keys that lead elsewhere, unless somebody is typing. */
export function useKeys(ways: Record<string, string | undefined>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const way = ways[event.key];
      const isTyping = (event.target as Element).matches("input, textarea, select");
      if (way && !isTyping && !event.altKey && !event.ctrlKey && !event.metaKey) go(way);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
