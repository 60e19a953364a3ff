import type { PictureFragment } from "../gql/graphql";
import { bytes, moment, number } from "../ui/wording";

/** What is known of the original. */
export function Facts({ picture }: { picture: PictureFragment }) {
  const facts = Object.entries(factsOf(picture)).filter(([, value]) => value);
  return (
    <section>
      <h2>Details</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function factsOf({ details, ...picture }: PictureFragment): Record<string, string> {
  const frames = details && details.frameCount > 1 ? `, ${number(details.frameCount)} frames` : "";
  const camera = [details?.cameraMake, details?.cameraModel].filter(Boolean).join(" ");
  const megapixels = (picture.widthPx * picture.heightPx) / 1_000_000;
  return {
    Taken: details?.takenAt ? moment(details.takenAt) : "",
    Camera: camera,
    Size: `${number(picture.widthPx)} × ${number(picture.heightPx)} px (${megapixels.toFixed(1)} MP)${frames}`,
    File: `${picture.mediaType}, ${bytes(picture.sizeBytes)}`,
    Colours: details ? `${details.colorSpace}${details.hasAlpha ? ", with transparency" : ""}` : "",
    Uploaded: moment(picture.createdAt),
    "SHA-256": picture.checksumSha256,
  };
}
