import type { BatchItemState, BatchState, CompressionMode, ImageFormat } from "../gql/graphql";

export const STATES: Record<BatchState, string> = {
  QUEUED: "Waiting to begin",
  RUNNING: "Running",
  PAUSED: "Paused",
  COMPLETED: "Completed",
  COMPLETED_WITH_ERRORS: "Completed with errors",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
};

export const ITEM_STATES: Record<BatchItemState, string> = {
  PENDING: "waits",
  RUNNING: "is being worked on",
  SUCCEEDED: "is done",
  FAILED: "failed",
  CANCELLED: "was cancelled",
};

const GOES_ON: readonly BatchState[] = ["QUEUED", "RUNNING"];

export const goesOn = (state: BatchState): boolean => GOES_ON.includes(state);

interface Compression {
  mode: CompressionMode;
  value: number;
  format?: ImageFormat | null;
}

export function compressionIn({ mode, value, format }: Compression): string {
  const how = mode === "QUALITY" ? `quality ${value}` : `at most ${Math.round(value * 100)} % of the bytes`;
  return `${how}, ${format ?? "formats as they are"}`;
}
