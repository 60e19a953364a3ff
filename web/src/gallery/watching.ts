import { GalleryChangesDocument, type GalleryChangesSubscription } from "../gql/graphql";
import { client } from "../net/client";

type Change = GalleryChangesSubscription["galleryChanges"];

const AGAIN_AFTER_MS = 3_000;

interface Watcher {
  changed(change: Change): void;
  /** What happened since is not known any more: the gallery must be read anew. */
  expired(): void;
}

/** Tells each change behind `after`. The line is kept up elsewhere; what ends the stream all the same begins anew here. */
export function watchChanges(after: string, watcher: Watcher): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stream = client.subscription(GalleryChangesDocument, { after }).subscribe(({ data, error }) => {
    if (data) watcher.changed(data.galleryChanges);
    else if (error) timer = setTimeout(() => watcher.expired(), AGAIN_AFTER_MS);
  });
  return () => {
    clearTimeout(timer);
    stream.unsubscribe();
  };
}
