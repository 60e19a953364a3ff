import { useEffect, useRef, useState } from "react";
import { useMutation, useQuery } from "urql";

import { AccountDocument, LogOutDocument } from "../gql/graphql";
import * as session from "../net/session";
import { Icon } from "../ui/icons";
import { bytes, counted } from "../ui/wording";

/** Who is signed in, what they keep, and the way out. */
export function AccountMenu({ email }: { email: string }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useClosing(box, open, () => setOpen(false));
  return (
    <div className="menu" ref={box}>
      <button type="button" className="round" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="person" />
        <span className="hidden">Your account</span>
      </button>
      {open && (
        <div className="menu-box">
          <strong className="menu-email">{email}</strong>
          <Usage />
          <a href="graphql">GraphQL playground</a>
          <SignOut />
        </div>
      )}
    </div>
  );
}

function Usage() {
  const [{ data }] = useQuery({ query: AccountDocument });
  const usage = data?.viewer?.usage;
  if (!usage) return <p className="faint">…</p>;
  const most = usage.quotaBytes === null ? "" : ` of ${bytes(usage.quotaBytes)}`;
  return (
    <p className="faint">
      {counted(usage.imageCount, "photo")}, {bytes(usage.storedBytes)}
      {most}
    </p>
  );
}

function SignOut() {
  const [, logOut] = useMutation(LogOutDocument);
  async function leave() {
    const refreshToken = session.get()?.refreshToken;
    if (refreshToken) await logOut({ refreshToken });
    session.end();
  }
  return (
    <button type="button" onClick={leave}>
      Sign out
    </button>
  );
}

/** Escape and a click elsewhere close what is open. */
function useClosing(box: { current: HTMLElement | null }, open: boolean, close: () => void) {
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) close();
    };
    const escaped = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      close();
      box.current?.querySelector("button")?.focus();
    };
    addEventListener("pointerdown", outside);
    addEventListener("keydown", escaped);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("keydown", escaped);
    };
  });
}
