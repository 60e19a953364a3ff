import type { BatchState } from "../gql/graphql";
import { STATES } from "./wording";

export function Badge({ state }: { state: BatchState }) {
  return <span className={`badge badge-${state.toLowerCase()}`}>{STATES[state]}</span>;
}
