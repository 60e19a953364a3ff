import { useEffect, useState } from "react";
import { useQuery, useSubscription } from "urql";

import { ImageProgressDocument, PictureDocument, type PictureFragment } from "../gql/graphql";

/** A picture, followed while it is being developed. Undefined until it is known, null if there is none. */
export function usePicture(id: string) {
  const [{ data, error, fetching }, again] = useQuery({ query: PictureDocument, variables: { id } });
  const [picture, setPicture] = useState<PictureFragment | null>();
  useEffect(() => {
    if (data && !error) setPicture(data.image);
  }, [data, error]);

  const [{ data: event }] = useSubscription({
    query: ImageProgressDocument,
    variables: { id },
    pause: picture?.state !== "PROCESSING",
  });
  useEffect(() => {
    if (event) setPicture(event.imageProgress.image);
  }, [event]);

  const isUnreachable = Boolean(error) && !fetching && picture === undefined;
  return { picture, setPicture, isUnreachable, again: () => again() };
}
