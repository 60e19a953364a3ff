import { retryExchange } from "@urql/exchange-retry";
import { Client, fetchExchange, subscriptionExchange, type SubscriptionOperation } from "urql";

import { authorizedFetch } from "./authorized";
import { socket } from "./socket";

/** What an event says of its place in the stream; it goes into `after`. */
interface Placed {
  batchProgress?: { sequence: number };
  imageProgress?: { sequence: number };
  galleryChanges?: { cursor: string };
}

function placeIn(data: unknown): number | string | undefined {
  const { batchProgress, imageProgress, galleryChanges } = (data ?? {}) as Placed;
  return batchProgress?.sequence ?? imageProgress?.sequence ?? galleryChanges?.cursor;
}

/** A subscription whose `after` moves on with what comes, since graphql-ws sends the same variables at each new socket. */
function resuming({ query, variables: asked }: SubscriptionOperation) {
  const variables: Record<string, unknown> = { ...asked };
  return {
    subscribe: (sink: { next(value: object): void; error(reason: unknown): void; complete(): void }) => ({
      unsubscribe: socket.subscribe(
        { query: query ?? "", variables },
        {
          next: (answer) => {
            variables.after = placeIn(answer.data) ?? variables.after;
            sink.next(answer);
          },
          error: (reason) => sink.error(reason),
          complete: () => sink.complete(),
        },
      ),
    }),
  };
}

/** No document is cached: addresses in answers end after minutes, and the gallery keeps what it shows itself. */
export const client = new Client({
  url: "graphql",
  fetch: authorizedFetch,
  preferGetMethod: false,
  requestPolicy: "network-only",
  exchanges: [
    retryExchange({
      initialDelayMs: 300,
      maxDelayMs: 3_000,
      maxNumberAttempts: 8,
      retryIf: (fault, operation) => operation.kind === "query" && Boolean(fault.networkError),
    }),
    subscriptionExchange({ forwardSubscription: resuming }),
    fetchExchange,
  ],
});
