import type { ReactNode } from "react";

/** A message in place. An error is read out at once, all else when there is time. */
export function Notice({ kind, children }: { kind: "error" | "good" | "plain"; children: ReactNode }) {
  return (
    <div className={`notice notice-${kind}`} role={kind === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}
