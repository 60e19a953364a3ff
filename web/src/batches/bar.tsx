import type { CountsFragment } from "../gql/graphql";
import { number } from "../ui/wording";

const PARTS = ["succeeded", "failed", "cancelled", "running"] as const;

/** How far a batch is, by what became of its images. */
export function Bar({ counts }: { counts: CountsFragment }) {
  const ended = counts.succeeded + counts.failed + counts.cancelled;
  return (
    <div
      className="bar-of"
      role="progressbar"
      aria-label="Images that have ended"
      aria-valuemin={0}
      aria-valuemax={counts.total}
      aria-valuenow={ended}
    >
      {PARTS.map((part) => (
        <i key={part} className={`part-${part}`} style={{ width: `${(counts[part] / Math.max(counts.total, 1)) * 100}%` }} />
      ))}
    </div>
  );
}

const NAMES = { succeeded: "done", failed: "failed", running: "in hand", pending: "waiting", cancelled: "cancelled" };

export function CountsLine({ counts }: { counts: CountsFragment }) {
  return (
    <ul className="counts">
      {Object.entries(NAMES).map(([part, name]) => {
        const count = counts[part as keyof typeof NAMES];
        return count > 0 || part === "succeeded" ? (
          <li key={part} className={`count-${part}`}>
            <strong>{number(count)}</strong> {name}
          </li>
        ) : null;
      })}
    </ul>
  );
}
