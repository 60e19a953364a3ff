import { useEffect, useState } from "react";
import { useQuery } from "urql";

import { type BatchesQuery, BatchesDocument, type BatchLineFragment } from "../gql/graphql";
import { to } from "../routing";
import { Empty } from "../ui/empty";
import { Icon } from "../ui/icons";
import { Notice } from "../ui/notice";
import { useTitle } from "../ui/title";
import { counted, moment } from "../ui/wording";
import { Badge } from "./badge";
import { Bar } from "./bar";
import { goesOn } from "./wording";

const LOOK_AGAIN_MS = 2_000;

export function BatchList() {
  useTitle("Batches");
  const [pages, setPages] = useState<(string | null)[]>([null]);
  return (
    <>
      <div className="heading">
        <h1>Batches</h1>
        <span className="gap" />
        <a className="button primary" href={to("batches", "new")}>
          <Icon name="batches" />
          New batch
        </a>
      </div>
      {pages.map((after) => (
        <BatchesPage key={after} after={after} isLast={after === pages.at(-1)} onMore={(end) => setPages([...pages, end])} />
      ))}
    </>
  );
}

interface Props {
  after: string | null;
  isLast: boolean;
  onMore: (endCursor: string) => void;
}

function BatchesPage({ after, isLast, onMore }: Props) {
  const [{ data, error }, again] = useQuery({ query: BatchesDocument, variables: { after } });
  const batches = data?.batches;
  useLookingAgain(batches, again);
  if (error && !batches) {
    return (
      <Notice kind="error">
        Your batches could not be loaded.{" "}
        <button type="button" className="link" onClick={() => again()}>
          Try again
        </button>
      </Notice>
    );
  }
  if (!batches) return null;
  if (!batches.nodes.length && !after) return <NoBatches />;
  const { hasNextPage, endCursor } = batches.pageInfo;
  return (
    <>
      <ul className="batches">
        {batches.nodes.map((batch) => (
          <Line key={batch.id} batch={batch} />
        ))}
      </ul>
      {isLast && hasNextPage && endCursor && (
        <button type="button" onClick={() => onMore(endCursor)}>
          Show more
        </button>
      )}
    </>
  );
}

function useLookingAgain(batches: BatchesQuery["batches"] | undefined, again: () => void) {
  useEffect(() => {
    if (!batches?.nodes.some(({ state }) => goesOn(state))) return undefined;
    const timer = setTimeout(again, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [batches, again]);
}

function Line({ batch }: { batch: BatchLineFragment }) {
  const { id, manifestName, state, counts, createdAt } = batch;
  return (
    <li>
      <a className="batch-line" href={to("batches", id)}>
        <span className="batch-name">{manifestName}</span>
        <Badge state={state} />
        <span className="faint">
          {counted(counts.total, "image")}, {moment(createdAt)}
        </span>
        <Bar counts={counts} />
      </a>
    </li>
  );
}

function NoBatches() {
  return (
    <Empty title="No batches yet">
      <p>
        A batch takes a CSV of products and the addresses of their images. Every image is fetched, kept and made smaller,
        and a CSV in the same order comes out.
      </p>
      <a className="button" href={to("batches", "new")}>
        Check a CSV
      </a>
    </Empty>
  );
}
