import { createClient } from "graphql-ws";

import * as session from "./session";

const ASK_EACH_MS = 12_000;
const ANSWER_WITHIN_MS = 5_000;
const LONGEST_WAIT_MS = 2_000;
const FORBIDDEN = 4403;

/** How the line to the service is, for those who show it. */
export type Line = "idle" | "open" | "lost";

let line: Line = "idle";
let live: WebSocket | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export const currentLine = (): Line => line;

export function onLine(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: Line): void {
  line = next;
  for (const listener of listeners) listener();
}

function address(): string {
  return new URL("graphql", location.href).href.replace(/^http/, "ws").replace(/#.*/, "");
}

async function identity(): Promise<Record<string, string>> {
  const token = await session.token().catch(() => session.get()?.accessToken); // refused, if it is over: then again
  return token ? { authorization: `Bearer ${token}` } : {};
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One socket for all subscriptions, which is made anew for ever: whatever it carried goes on where it was. */
export const socket = createClient({
  url: address(),
  connectionParams: identity,
  keepAlive: ASK_EACH_MS,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: (retries) => pause(Math.min(100 * 2 ** retries, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2)),
  on: {
    connected: (opened) => {
      live = opened as WebSocket;
      become("open");
    },
    closed: (event) => {
      live = null;
      clearTimeout(silence);
      const { code, wasClean } = event as CloseEvent;
      const refused = session.get()?.accessToken;
      if (code === FORBIDDEN && refused) void session.renew(refused).catch(() => undefined);
      become((code === 1000 && wasClean) || !refused ? "idle" : "lost");
    },
    ping: (received) => {
      if (!received) silence = setTimeout(() => live?.close(4408, "Nothing was heard."), ANSWER_WITHIN_MS);
    },
    pong: (received) => {
      if (received) clearTimeout(silence);
    },
  },
});

// A socket ends with the token that opened it, unless it is shown the next one.
session.subscribe(() => {
  const now = session.get();
  if (!now) socket.terminate();
  else if (live?.readyState === WebSocket.OPEN) {
    live.send(JSON.stringify({ type: "ping", payload: { authorization: `Bearer ${now.accessToken}` } }));
  }
});
