import { type ReactNode, useEffect } from "react";

import { to } from "../routing";

/** What a place says while nothing is in it: what would be here, and how it gets here. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function NotHere({ what = "page" }: { what?: string }) {
  useEffect(() => {
    document.title = "Not here · Darkroom";
  }, []);
  return (
    <Empty title={`There is no such ${what}`}>
      <p>It may be gone for good, or belong to somebody else.</p>
      <a className="button" href={to()}>
        To your photos
      </a>
    </Empty>
  );
}
