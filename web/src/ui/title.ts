import { useEffect } from "react";

/** What the tab is called, and what a screen reader says on arrival. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Darkroom`;
  }, [title]);
}
