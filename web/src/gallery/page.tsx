import { useMemo } from "react";

import type { GalleryFilter } from "../gql/graphql";
import { to } from "../routing";
import { Empty } from "../ui/empty";
import { Notice } from "../ui/notice";
import { useStore } from "../ui/store";
import { useTitle } from "../ui/title";
import { counted } from "../ui/wording";
import { ChooseFiles } from "../uploads/drop";
import { Grid } from "./grid";
import type { Source } from "./source";
import { sourceFor } from "./sources";
import { Tags } from "./tags";
import { TrashActions } from "./trash-actions";

interface Props {
  query: URLSearchParams;
  trashed?: boolean;
}

/** The gallery, or the trash: one list, narrowed by what the address says. */
export function Gallery({ query, trashed = false }: Props) {
  const place = trashed ? to("trash") : to();
  const search = query.get("q") ?? "";
  const tags = query.getAll("tag");
  const key = JSON.stringify([search, tags, trashed]);
  const source = useStore(useMemo(() => sourceFor(filterFor(search, tags, trashed)), [key]));
  const isNarrowed = search !== "" || tags.length > 0;
  useTitle(trashed ? "Trash" : search || tags.join(", ") || "Photos");

  const isEmpty = !source.entries.length && !source.hasMore;
  return (
    <>
      <div className="heading">
        <div className="heading-words">
          <h1>{trashed ? "Trash" : "Photos"}</h1>
          <p className="faint" role="status">
            {source.total === null ? "" : counted(source.total, "photo")}
          </p>
        </div>
        {!trashed && <ChooseFiles />}
      </div>
      {trashed && !isEmpty && <p className="faint">What lies here is deleted for good after a while.</p>}
      <Tags source={source} place={place} search={search} chosen={tags} />
      {source.fault && <Fault source={source} />}
      {isEmpty && <Nothing trashed={trashed} isNarrowed={isNarrowed} place={place} />}
      <Grid key={key} source={source} actions={trashed ? (tile) => <TrashActions tile={tile} /> : undefined} />
      {source.loading && <Skeleton isFirst={!source.entries.length} />}
    </>
  );
}

function filterFor(search: string, tags: string[], trashed: boolean): GalleryFilter {
  return {
    ...(search && { search }),
    ...(tags.length > 0 && { tagsAll: tags }),
    ...(trashed && { trashed }),
  };
}

function Fault({ source }: { source: Source }) {
  return (
    <Notice kind="error">
      {source.fault}{" "}
      <button type="button" className="link" onClick={() => void source.more()}>
        Try again
      </button>
    </Notice>
  );
}

function Nothing({ trashed, isNarrowed, place }: { trashed: boolean; isNarrowed: boolean; place: string }) {
  if (isNarrowed) {
    return (
      <Empty title="Nothing found">
        <p>A search finds the beginnings of words in names, captions and tags.</p>
        <a className="button" href={place}>
          Show everything
        </a>
      </Empty>
    );
  }
  if (trashed) return <Empty title="The trash is empty"><p>What you delete waits here, and can be taken back.</p></Empty>;
  return (
    <Empty title="Your photos will be here">
      <p>Drop as many as you like anywhere on this page: JPEG, PNG, WebP, GIF or AVIF.</p>
      <ChooseFiles label="Choose photos" />
    </Empty>
  );
}

function Skeleton({ isFirst }: { isFirst: boolean }) {
  return (
    <div className="skeleton" role="status">
      <span className="hidden">Loading photos</span>
      {Array.from({ length: isFirst ? 18 : 6 }, (_, at) => (
        <i key={at} className={`shape-${at % 5}`} />
      ))}
    </div>
  );
}
