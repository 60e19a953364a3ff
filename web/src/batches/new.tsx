import { type DragEvent, useRef, useState } from "react";

import { CheckManifestDocument, type CheckManifestMutation } from "../gql/graphql";
import { send, SilenceError } from "../net/sending";
import { to } from "../routing";
import { Icon } from "../ui/icons";
import { Notice } from "../ui/notice";
import { useTitle } from "../ui/title";
import { bytes, counted } from "../ui/wording";
import { Problems } from "./problems";
import { Start } from "./start";

type Outcome = NonNullable<CheckManifestMutation["checkManifest"]>;
type Checked = Extract<Outcome, { __typename: "CheckManifestPayload" }>;

export function NewBatch() {
  useTitle("New batch");
  const { file, share, checked, fault, check } = useChecking();
  return (
    <>
      <div className="heading">
        <h1>New batch</h1>
        <a href={to("batches")}>All batches</a>
      </div>
      <ChooseManifest onChosen={check} file={file} />
      {share !== null && <progress value={share} max={1} aria-label="Check of the file" />}
      {fault && <Notice kind="error">{fault}</Notice>}
      {file && checked && <Result key={file.name + file.lastModified} file={file} checked={checked} />}
    </>
  );
}

function useChecking() {
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [fault, setFault] = useState("");

  async function check(chosen: File) {
    setFile(chosen);
    setChecked(null);
    setFault("");
    setShare(0);
    try {
      const { checkManifest: outcome } = await send(CheckManifestDocument, {}, chosen, { onProgress: setShare });
      if (outcome?.__typename === "CheckManifestPayload") setChecked(outcome);
      else setFault(outcome?.message ?? "The service did not say what it found.");
    } catch (error) {
      setFault(error instanceof SilenceError ? "The service cannot be reached. Try again in a moment." : String(error));
    } finally {
      setShare(null);
    }
  }

  return { file, share, checked, fault, check };
}

function ChooseManifest({ onChosen, file }: { onChosen: (file: File) => void; file: File | null }) {
  const input = useRef<HTMLInputElement>(null);
  const choose = (files: FileList | null) => {
    if (files?.[0]) onChosen(files[0]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    choose(event.dataTransfer.files);
  };
  return (
    <div className="manifest" onDrop={drop}>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,text/csv"
        aria-label="CSV file"
        onChange={(event) => {
          choose(event.target.files);
          event.target.value = "";
        }}
      />
      <p>
        {file ? (
          <>
            <strong>{file.name}</strong> <span className="faint">{bytes(file.size)}</span>
          </>
        ) : (
          <>
            A CSV with the columns <code>S. No.</code>, <code>Product Name</code> and <code>Input Image Urls</code>. Drop it
            here; checking starts nothing.
          </>
        )}
      </p>
      <button type="button" className={file ? "" : "primary"} onClick={() => input.current?.click()}>
        <Icon name="upload" />
        {file ? "Choose another" : "Choose a CSV"}
      </button>
    </div>
  );
}

function Result({ file, checked }: { file: File; checked: Checked }) {
  const { rowCount, imageCount, problems, problemCount, delimiter, encoding } = checked;
  const hasErrors = problems.some(({ severity }) => severity === "ERROR");
  return (
    <>
      <Notice kind={hasErrors ? "error" : "good"}>
        {counted(rowCount, "row")}, {counted(imageCount, "image")}
        {problemCount ? `, ${counted(problemCount, "problem")}.` : ". Nothing is wrong with it."}
      </Notice>
      {problemCount > 0 && <Problems {...{ file, encoding, delimiter, problems, problemCount }} />}
      {imageCount > 0 && <Start file={file} hasErrors={hasErrors} imageCount={imageCount} />}
    </>
  );
}
