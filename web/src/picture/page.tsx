import { lastSource } from "../gallery/sources";
import type { PictureFragment } from "../gql/graphql";
import { to } from "../routing";
import { NotHere } from "../ui/empty";
import { Icon } from "../ui/icons";
import { Notice } from "../ui/notice";
import { useTitle } from "../ui/title";
import { Addresses } from "./addresses";
import { Description } from "./description";
import { Facts } from "./facts";
import { useKeys } from "./keys";
import { usePicture } from "./loading";
import { Privacy } from "./privacy";
import { Removal } from "./removal";
import { Stage } from "./stage";

export function PicturePage({ id }: { id: string }) {
  const { picture, setPicture, isUnreachable, again } = usePicture(id);
  useTitle(picture?.filename ?? "Photo");
  const { before, after } = lastSource()?.neighbours(id) ?? {};
  const gallery = picture?.deletedAt ? to("trash") : to();
  useKeys({ ArrowLeft: before && to("images", before), ArrowRight: after && to("images", after), Escape: gallery });

  if (isUnreachable) {
    return (
      <Notice kind="error">
        This photo could not be loaded.{" "}
        <button type="button" className="link" onClick={again}>
          Try again
        </button>
      </Notice>
    );
  }
  if (picture === null) return <NotHere what="photo" />;
  return (
    <article className="picture">
      <Ways gallery={gallery} before={before} after={after} />
      {picture ? <Loaded picture={picture} onChange={setPicture} /> : <div className="stage" aria-busy="true" />}
    </article>
  );
}

function Loaded({ picture, onChange }: { picture: PictureFragment; onChange: (picture: PictureFragment) => void }) {
  return (
    <>
      <Stage picture={picture} />
      <div className="about">
        <h1>{picture.filename}</h1>
        {picture.failure && (
          <Notice kind="error">This photo could not be developed. {picture.failure.message}</Notice>
        )}
        <Removal key={picture.deletedAt} picture={picture} onChange={onChange} />
        <Description key={picture.id} picture={picture} onSaved={onChange} />
        <Facts picture={picture} />
        {picture.privacy && <Privacy report={picture.privacy} />}
        <Addresses picture={picture} />
      </div>
    </>
  );
}

interface Neighbours {
  gallery: string;
  before: string | undefined;
  after: string | undefined;
}

function Ways({ gallery, before, after }: Neighbours) {
  return (
    <nav className="ways" aria-label="This and other photos">
      <a className="button" href={gallery}>
        <Icon name="back" />
        {gallery === to() ? "Photos" : "Trash"}
      </a>
      <span className="gap" />
      {before && <Way id={before} name="back" label="The photo before" />}
      {after && <Way id={after} name="forward" label="The next photo" />}
    </nav>
  );
}

function Way({ id, name, label }: { id: string; name: "back" | "forward"; label: string }) {
  return (
    <a className="round" href={to("images", id)} title={label}>
      <Icon name={name} />
      <span className="hidden">{label}</span>
    </a>
  );
}
