import { useSyncExternalStore } from "react";

/** A word on what was just done, with a way back where there is one. */
interface Toast {
  text: string;
  undo?: () => void;
}

const STAYS_MS = 6_000;

let current: Toast | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function toast(text: string, undo?: () => void): void {
  become(undo ? { text, undo } : { text });
  timer = setTimeout(() => become(null), STAYS_MS);
}

function become(next: Toast | null): void {
  clearTimeout(timer);
  current = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => current);
  return (
    <div className="toasts" role="status">
      {shown && (
        <div className="toast">
          <span>{shown.text}</span>
          {shown.undo && (
            <button
              type="button"
              onClick={() => {
                shown.undo?.();
                become(null);
              }}
            >
              Undo
            </button>
          )}
        </div>
      )}
    </div>
  );
}
