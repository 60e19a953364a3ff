import { useEffect, useState } from "react";

import { to, useRoute } from "../routing";
import { Icon } from "../ui/icons";
import { useStore } from "../ui/store";
import { bytes, counted } from "../ui/wording";
import { isOver, queue, type Upload } from "./queue";

/** What is on its way, each file with its own bar, and what became of it. */
export function UploadPanel() {
  const { uploads } = useStore(queue);
  const [isFolded, setFolded] = useState(false);
  const place = useRoute().path.join("/");
  const over = uploads.filter(isOver).length;
  useEffect(() => setFolded(false), [uploads]);
  useEffect(() => setFolded(true), [place]); // it was seen, and is in the way
  if (!uploads.length) return null;
  return (
    <section className="uploads" aria-label="Uploads">
      <header>
        <button type="button" className="uploads-fold" aria-expanded={!isFolded} onClick={() => setFolded(!isFolded)}>
          <Icon name={isFolded ? "forward" : "down"} />
          <strong role="status">{headline(uploads, over)}</strong>
        </button>
        {over < uploads.length ? (
          <button type="button" className="link" onClick={() => queue.stop()}>
            Stop
          </button>
        ) : (
          <button type="button" className="round" onClick={() => queue.dismiss()}>
            <Icon name="close" />
            <span className="hidden">Close</span>
          </button>
        )}
      </header>
      {!isFolded && (
        <ul>
          {uploads.map((upload) => (
            <Line key={upload.key} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}

function headline(uploads: Upload[], over: number): string {
  if (over < uploads.length) return `Uploading ${over + 1} of ${uploads.length}`;
  const refused = uploads.filter(({ stage }) => stage === "refused").length;
  const kept = counted(uploads.length - refused, "photo");
  return refused ? `${kept} kept, ${refused} refused` : `${kept} kept`;
}

function Line({ upload }: { upload: Upload }) {
  const { name, sizeBytes, stage, share, message, imageId } = upload;
  return (
    <li className={`upload upload-${stage}`}>
      {imageId ? <a href={to("images", imageId)}>{name}</a> : <span className="upload-name">{name}</span>}
      <small className="faint">{bytes(sizeBytes)}</small>
      {isOver(upload) ? (
        <Ending upload={upload} />
      ) : (
        <progress value={share} max={1} aria-label={`Upload of ${name}`} />
      )}
      {message && <p className="upload-message">{message}</p>}
    </li>
  );
}

function Ending({ upload }: { upload: Upload }) {
  if (upload.stage !== "refused") return <Icon name="check" />;
  return (
    <button type="button" className="link" onClick={() => queue.again(upload)}>
      Try again
    </button>
  );
}
