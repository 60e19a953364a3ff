import { useState } from "react";
import type { OperationResult } from "urql";

import {
  CancelBatchDocument,
  DeleteBatchDocument,
  PauseBatchDocument,
  ResumeBatchDocument,
  RetryBatchDocument,
} from "../gql/graphql";
import { client } from "../net/client";
import { go, to } from "../routing";
import { Icon } from "../ui/icons";
import { refusal } from "../ui/outcome";
import { toast } from "../ui/toast";
import { counted } from "../ui/wording";
import type { Facts, Following } from "./following";
import { goesOn } from "./wording";

interface Props {
  following: Following;
  facts: Facts;
}

/** What can be done with a batch as it stands. */
export function Controls({ following, facts: { id, state, counts } }: Props) {
  const [isBusy, setBusy] = useState(false);

  async function act(asked: () => Promise<OperationResult>, done?: () => void) {
    setBusy(true);
    const refused = refusal(await asked());
    setBusy(false);
    if (refused) toast(refused);
    else done?.();
  }

  const pause = () => act(() => client.mutation(PauseBatchDocument, { id }).toPromise());
  const resume = () => act(() => client.mutation(ResumeBatchDocument, { id }).toPromise());
  const cancel = () => act(() => client.mutation(CancelBatchDocument, { id }).toPromise());
  const retry = () => act(() => client.mutation(RetryBatchDocument, { id }).toPromise(), () => void following.afresh());
  const remove = () => act(() => client.mutation(DeleteBatchDocument, { id }).toPromise(), () => go(to("batches")));

  if (goesOn(state) || state === "PAUSED") {
    return (
      <>
        {state === "PAUSED" ? (
          <button type="button" className="primary" disabled={isBusy} onClick={resume}>
            <Icon name="play" />
            Resume
          </button>
        ) : (
          <button type="button" disabled={isBusy} onClick={pause}>
            <Icon name="pause" />
            Pause
          </button>
        )}
        <button
          type="button"
          disabled={isBusy}
          onClick={() => confirm("Cancel this batch? What is done stays; what waits is given up.") && cancel()}
        >
          <Icon name="stop" />
          Cancel
        </button>
      </>
    );
  }
  if (counts.running > 0) return null; // what was in hand when it was cancelled still ends
  return (
    <>
      {counts.failed > 0 && (
        <button type="button" className="primary" disabled={isBusy} onClick={retry}>
          <Icon name="again" />
          Retry {counted(counts.failed, "image")}
        </button>
      )}
      <button
        type="button"
        disabled={isBusy}
        onClick={() => confirm("Delete this batch? Its images come into your gallery.") && remove()}
      >
        <Icon name="trash" />
        Delete
      </button>
    </>
  );
}
