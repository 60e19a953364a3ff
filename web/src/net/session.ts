import { print } from "graphql/language/printer";

import { RefreshSessionDocument, type RefreshSessionMutation, type SignedFragment } from "../gql/graphql";

/** Who is signed in, in this browser. `renewAt` is by this machine's clock, however wrong that is. */
export interface Session {
  accessToken: string;
  refreshToken: string;
  email: string;
  renewAt: number;
}

const PLACE = "darkroom.session";
const BEFORE_THE_END_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let current = remembered();
let renewing: Promise<Session | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export const get = (): Session | null => current;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Signed in. `now` is the service's clock when it answered. */
export function begin(signed: SignedFragment, now: number): Session {
  const life = Date.parse(signed.accessTokenExpiresAt) - now;
  const renewAt = Date.now() + Math.max(life / 2, life - BEFORE_THE_END_MS);
  const { accessToken, refreshToken, viewer } = signed;
  const session = { accessToken, refreshToken, email: viewer.email, renewAt };
  localStorage.setItem(PLACE, JSON.stringify(session));
  become(session);
  return session;
}

export function end(): void {
  localStorage.removeItem(PLACE);
  become(null);
}

/** A token that is good for a while yet, renewed if need be; null when nobody is signed in. */
export async function token(): Promise<string | null> {
  if (current && Date.now() >= current.renewAt) await renew(current.accessToken);
  return current?.accessToken ?? null;
}

/** The session with another access token than `refused`, or null: it is over. Throws while the service is silent. */
export function renew(refused: string): Promise<Session | null> {
  const known = remembered();
  if (known && known.accessToken !== refused) become(known); // another tab was faster
  if (!current || current.accessToken !== refused) return Promise.resolve(current);
  renewing ??= refreshed(current).finally(() => (renewing = null));
  return renewing;
}

async function refreshed({ accessToken, refreshToken }: Session): Promise<Session | null> {
  const response = await fetch("graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: print(RefreshSessionDocument), variables: { refreshToken } }),
  });
  if (response.status >= 500) throw new TypeError("The service is not there.");
  const { data } = (await response.json()) as { data?: RefreshSessionMutation };
  const outcome = data?.refreshSession;
  if (outcome?.__typename === "RefreshSessionPayload") return begin(outcome.session, clockOf(response));
  if (outcome?.__typename === "InvalidCredentialsError" && current?.accessToken === accessToken) end();
  return current;
}

/** What the service's clock says, so that one that goes wrong here renews nothing too early or too late. */
export function clockOf(response: Response): number {
  return Date.parse(response.headers.get("date") ?? "") || Date.now();
}

function become(session: Session | null): void {
  current = session;
  clearTimeout(timer);
  if (session) {
    const wait = Math.min(Math.max(session.renewAt - Date.now(), 0), LONGEST_TIMER_MS);
    timer = setTimeout(() => void token().catch(() => undefined), wait);
  }
  for (const listener of listeners) listener();
}

function remembered(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(PLACE) ?? "null") as Session | null;
  } catch {
    return null;
  }
}

addEventListener("storage", ({ key }) => {
  if (key === PLACE) become(remembered());
});
