import { useMutation } from "urql";

import { DeleteImageDocument, RestoreImageDocument, type TileFragment } from "../gql/graphql";
import { Icon } from "../ui/icons";
import { refusal } from "../ui/outcome";
import { toast } from "../ui/toast";
import { forget } from "./sources";

/** Back into the gallery, or gone for good. */
export function TrashActions({ tile: { id, filename } }: { tile: TileFragment }) {
  const [, restore] = useMutation(RestoreImageDocument);
  const [, remove] = useMutation(DeleteImageDocument);

  async function takeBack() {
    const refused = refusal(await restore({ id }));
    if (!refused) forget(id, { trashed: true });
    toast(refused ?? `${filename} is back among your photos.`);
  }

  async function deleteForGood() {
    if (!confirm(`Delete ${filename} for good? It cannot be taken back.`)) return;
    const refused = refusal(await remove({ id, permanently: true }));
    if (!refused) forget(id, { trashed: true });
    toast(refused ?? `${filename} is gone for good.`);
  }

  return (
    <span className="tile-actions">
      <button type="button" title="Restore" aria-label={`Restore ${filename}`} onClick={takeBack}>
        <Icon name="restore" />
      </button>
      <button type="button" title="Delete for good" aria-label={`Delete ${filename} for good`} onClick={deleteForGood}>
        <Icon name="trash" />
      </button>
    </span>
  );
}
