import { useMutation } from "urql";

import { forget } from "../gallery/sources";
import { DeleteImageDocument, type PictureFragment, RestoreImageDocument } from "../gql/graphql";
import { go, to } from "../routing";
import { Icon } from "../ui/icons";
import { Notice } from "../ui/notice";
import { refusal } from "../ui/outcome";
import { toast } from "../ui/toast";
import { moment } from "../ui/wording";

interface Props {
  picture: PictureFragment;
  onChange: (picture: PictureFragment) => void;
}

/** Into the trash, out of it, or gone for good. */
export function Removal({ picture, onChange }: Props) {
  const { id, filename, deletedAt } = picture;
  const [, remove] = useMutation(DeleteImageDocument);
  const [, restore] = useMutation(RestoreImageDocument);

  async function throwAway(permanently: boolean) {
    if (permanently && !confirm(`Delete ${filename} for good? It cannot be taken back.`)) return;
    const refused = refusal(await remove({ id, permanently }));
    if (refused) return toast(refused);
    forget(id, { trashed: permanently });
    go(permanently ? to("trash") : to());
    if (permanently) toast(`${filename} is gone for good.`);
    else toast(`${filename} is in the trash.`, () => void restore({ id }));
  }

  async function takeBack() {
    const refused = refusal(await restore({ id }));
    if (refused) return toast(refused);
    toast(`${filename} is back among your photos.`);
    onChange({ ...picture, deletedAt: null });
  }

  if (!deletedAt) {
    return (
      <p className="buttons">
        <a className="button" href={picture.url} download>
          <Icon name="download" />
          Original
        </a>
        <button type="button" onClick={() => throwAway(false)}>
          <Icon name="trash" />
          Delete
        </button>
      </p>
    );
  }
  return (
    <Notice kind="plain">
      <p>In the trash since {moment(deletedAt)}.</p>
      <p className="buttons">
        <button type="button" className="primary" onClick={takeBack}>
          <Icon name="restore" />
          Restore
        </button>
        <button type="button" onClick={() => throwAway(true)}>
          Delete for good
        </button>
      </p>
    </Notice>
  );
}
