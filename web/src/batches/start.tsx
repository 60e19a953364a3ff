import { type FormEvent, useRef, useState } from "react";

import { type CompressionInput, type CompressionMode, CreateBatchDocument, type ImageFormat } from "../gql/graphql";
import { newKey, send, SilenceError } from "../net/sending";
import { go, to } from "../routing";
import { Icon } from "../ui/icons";
import { Notice } from "../ui/notice";
import { counted } from "../ui/wording";

interface Props {
  file: File;
  hasErrors: boolean;
  imageCount: number;
}

/** How small the images get, and off they go. A second try after a lost answer begins no second batch. */
export function Start({ file, hasErrors, imageCount }: Props) {
  const key = useRef(newKey());
  const [mode, setMode] = useState<CompressionMode>("QUALITY");
  const [percent, setPercent] = useState(50);
  const [isSkipping, setSkipping] = useState(false);
  const [share, setShare] = useState<number | null>(null);
  const [fault, setFault] = useState("");

  async function start(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const format = (new FormData(event.currentTarget).get("format") || null) as ImageFormat | null;
    const compression = { mode, format, value: mode === "QUALITY" ? percent : percent / 100 };
    setFault("");
    setShare(0);
    const refused = await submit(compression, isSkipping);
    setShare(null);
    setFault(refused);
  }

  async function submit(compression: CompressionInput, isSkippingRows: boolean): Promise<string> {
    const said = { compression, key: key.current, onInvalidRow: isSkippingRows ? "SKIP_ROWS" : "REJECT_FILE" } as const;
    try {
      const { createBatch: outcome } = await send(CreateBatchDocument, said, file, { onProgress: setShare });
      if (outcome?.__typename !== "CreateBatchPayload") return outcome?.message ?? "The service did not answer.";
      go(to("batches", outcome.batch.id));
      return "";
    } catch (error) {
      return error instanceof SilenceError ? "The service cannot be reached. Try again: it begins once." : String(error);
    }
  }

  return (
    <form className="start" onSubmit={start} onChange={() => (key.current = newKey())}>
      <h2>How small?</h2>
      <div className="start-fields">
        <label className="field">
          <span>Aim for</span>
          <select value={mode} onChange={(event) => setMode(event.target.value as CompressionMode)}>
            <option value="QUALITY">a quality</option>
            <option value="TARGET_RATIO">a share of the bytes</option>
          </select>
        </label>
        <label className="field">
          <span>{mode === "QUALITY" ? `Quality ${percent}` : `At most ${percent} % of the bytes`}</span>
          <input
            type="range"
            min={mode === "QUALITY" ? 1 : 5}
            max={mode === "QUALITY" ? 100 : 95}
            value={percent}
            onChange={(event) => setPercent(Number(event.target.value))}
          />
        </label>
        <label className="field">
          <span>Format</span>
          <select name="format">
            <option value="">each as it is</option>
            {["JPEG", "WEBP", "AVIF", "PNG"].map((format) => (
              <option key={format}>{format}</option>
            ))}
          </select>
        </label>
      </div>
      {hasErrors && (
        <label className="check">
          <input type="checkbox" checked={isSkipping} onChange={(event) => setSkipping(event.target.checked)} />
          Leave out the rows with errors
        </label>
      )}
      {fault && <Notice kind="error">{fault}</Notice>}
      <button className="primary" disabled={share !== null || (hasErrors && !isSkipping)}>
        <Icon name="play" />
        Start with {counted(imageCount, "image")}
      </button>
      {share !== null && <progress value={share} max={1} aria-label="Upload of the file" />}
    </form>
  );
}
