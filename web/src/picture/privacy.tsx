import type { PictureFragment } from "../gql/graphql";
import { Icon } from "../ui/icons";
import { counted } from "../ui/wording";

type Report = NonNullable<PictureFragment["privacy"]>;

const POLICIES: Record<Report["policy"], string> = {
  STRIP_ALL: "Variants carry none of the camera's notes.",
  STRIP_GPS: "Variants carry camera, exposure and local time, and no place.",
  KEEP: "Variants carry what the camera wrote, the place too.",
};

/** What the original gives away, and what no variant does any more. */
export function Privacy({ report: { hadGps, removedTags, policy } }: { report: Report }) {
  const tells = hadGps && policy === "KEEP";
  return (
    <section>
      <h2>Privacy</h2>
      <p className={`report ${tells ? "report-open" : ""}`}>
        <Icon name="shield" />
        <span>
          {hadGps && <strong>The original says where it was taken. </strong>}
          {POLICIES[policy]}
        </span>
      </p>
      {removedTags.length > 0 && (
        <details>
          <summary>{counted(removedTags.length, "tag")} left out of every variant</summary>
          <p className="removed">{removedTags.join(", ")}</p>
        </details>
      )}
    </section>
  );
}
