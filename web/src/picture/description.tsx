import { type FormEvent, useState } from "react";
import { useMutation } from "urql";

import { type PictureFragment, UpdateImageDocument } from "../gql/graphql";
import { to, withQuery } from "../routing";
import { Notice } from "../ui/notice";
import { refusal } from "../ui/outcome";

interface Props {
  picture: PictureFragment;
  onSaved: (picture: PictureFragment) => void;
}

/** Caption and tags, and the form that changes them. */
export function Description({ picture, onSaved }: Props) {
  const [caption, setCaption] = useState(picture.caption ?? "");
  const [tags, setTags] = useState(picture.tags.join(", "));
  const [{ fetching }, update] = useMutation(UpdateImageDocument);
  const [said, setSaid] = useState<{ kind: "error" | "good"; text: string } | null>(null);
  const isAsBefore = caption === (picture.caption ?? "") && tags === picture.tags.join(", ");

  async function save(event: FormEvent) {
    event.preventDefault();
    const result = await update({ id: picture.id, caption: caption.trim() || null, tags: separated(tags) });
    const refused = refusal(result);
    setSaid(refused ? { kind: "error", text: refused } : { kind: "good", text: "Saved." });
    const outcome = result.data?.updateImage;
    if (outcome?.__typename !== "UpdateImagePayload") return;
    setTags(outcome.image.tags.join(", "));
    setCaption(outcome.image.caption ?? "");
    onSaved(outcome.image);
  }

  return (
    <form className="stack" onSubmit={save} onChange={() => setSaid(null)}>
      <TagLinks tags={picture.tags} />
      <label className="field">
        <span>Caption</span>
        <textarea rows={2} maxLength={2000} value={caption} onChange={(event) => setCaption(event.target.value)} />
      </label>
      <label className="field">
        <span>Tags, separated by commas</span>
        <input value={tags} onChange={(event) => setTags(event.target.value)} placeholder="holiday, sea" />
      </label>
      {said && <Notice kind={said.kind}>{said.text}</Notice>}
      {!isAsBefore && (
        <button className="primary" disabled={fetching}>
          Save
        </button>
      )}
    </form>
  );
}

function TagLinks({ tags }: { tags: string[] }) {
  if (!tags.length) return null;
  return (
    <p className="tags">
      {tags.map((tag) => (
        <a key={tag} className="chip" href={withQuery(to(), { tag })} title={`Photos with the tag ${tag}`}>
          {tag}
        </a>
      ))}
    </p>
  );
}

function separated(text: string): string[] {
  return [...new Set(text.split(",").map((tag) => tag.trim()).filter(Boolean))];
}
