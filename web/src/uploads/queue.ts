import { BoundsDocument, UploadImageDocument } from "../gql/graphql";
import { client } from "../net/client";
import { newKey, RefusalError, send, SilenceError } from "../net/sending";
import { Store } from "../ui/store";
import { bytes } from "../ui/wording";

/** `waiting` for its turn, `sending`, `checking` what has arrived, `silent`: to be sent again; then how it ended. */
export type Stage = "waiting" | "sending" | "checking" | "silent" | "kept" | "known" | "refused";

export interface Upload {
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly stopping: AbortController;
  file: File | null;
  stage: Stage;
  share: number;
  message: string;
  imageId: string;
}

const AT_ONCE = 3;
const LONGEST_WAIT_MS = 5_000;
const STOPPED = "Stopped.";
const OVER: readonly Stage[] = ["kept", "known", "refused"];

export const isOver = ({ stage }: Upload): boolean => OVER.includes(stage);

/** Files on their way, a few at a time. Each has an idempotency key, so that sending it again keeps it once. */
class Queue extends Store {
  uploads: Upload[] = [];
  #running = 0;
  #mostBytes: number | undefined;

  add(files: readonly File[]): void {
    const added = files.map((file) => ({
      key: newKey(),
      name: file.name,
      sizeBytes: file.size,
      stopping: new AbortController(),
      file,
      stage: "waiting" as const,
      share: 0,
      message: "",
      imageId: "",
    }));
    this.uploads = [...this.uploads.filter((upload) => !isOver(upload)), ...added];
    this.#begin();
  }

  again(upload: Upload): void {
    Object.assign(upload, { stage: "waiting", share: 0, message: "", stopping: new AbortController() });
    this.#begin();
  }

  /** Gives up what has not arrived yet. */
  stop(): void {
    for (const upload of this.uploads) {
      if (upload.stage === "waiting") this.#become(upload, { stage: "refused", message: STOPPED });
      upload.stopping.abort();
    }
  }

  dismiss(): void {
    this.uploads = this.uploads.filter((upload) => !isOver(upload));
    this.changed();
  }

  #begin(): void {
    this.changed();
    while (this.#running < AT_ONCE) {
      const next = this.uploads.find(({ stage }) => stage === "waiting");
      if (!next) return;
      this.#running += 1;
      next.stage = "sending";
      void this.#see(next).finally(() => {
        this.#running -= 1;
        this.#begin();
      });
    }
  }

  /** To its end: only a silent service is asked again. */
  async #see(upload: Upload): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        this.#become(upload, { stage: "sending", share: 0, message: "" });
        return this.#become(upload, await this.#send(upload));
      } catch (fault) {
        if (!(fault instanceof SilenceError)) {
          const message = fault instanceof RefusalError ? fault.message : "This file cannot be read any more.";
          return this.#become(upload, { stage: "refused", message });
        }
        this.#become(upload, { stage: "silent", share: 0, message: "No connection; trying again …" });
        await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** tries, LONGEST_WAIT_MS)));
      }
    }
  }

  async #send(upload: Upload): Promise<Partial<Upload>> {
    const { signal } = upload.stopping;
    if (signal.aborted) throw new RefusalError(STOPPED);
    await this.#check(upload.file!);
    const onProgress = (share: number) => this.#become(upload, { share, stage: share < 1 ? "sending" : "checking" });
    const { uploadImage: outcome } = await send(
      UploadImageDocument,
      { key: upload.key },
      upload.file!,
      { onProgress, signal },
    );
    if (!outcome) throw new RefusalError("The service did not say what became of it.");
    if (outcome.__typename !== "UploadImagePayload") return { stage: "refused", message: outcome.message };
    const { id, deletedAt } = outcome.image;
    const message = deletedAt ? "You have it already, in the trash." : "You have it already.";
    const kept = { file: null, share: 1, imageId: id };
    return outcome.duplicate ? { ...kept, stage: "known", message } : { ...kept, stage: "kept" };
  }

  /** What cannot be read, or is refused before it has arrived, would look like a line that broke. */
  async #check(file: File): Promise<void> {
    await file.slice(0, 1).arrayBuffer();
    this.#mostBytes ??= (await client.query(BoundsDocument, {}).toPromise()).data?.service?.maxFileSizeBytes;
    if (this.#mostBytes === undefined) throw new SilenceError();
    if (file.size > this.#mostBytes) throw new RefusalError(`A file may have ${bytes(this.#mostBytes)} at most.`);
  }

  #become(upload: Upload, changes: Partial<Upload>): void {
    Object.assign(upload, changes);
    this.changed();
  }
}

export const queue = new Queue();
