import { type FormEvent, useState } from "react";

import { byWidth } from "../gallery/presets";
import { type ImageFormat, OriginalAddressDocument, type PictureFragment, SignedAddressDocument } from "../gql/graphql";
import { client } from "../net/client";
import { Icon } from "../ui/icons";
import { bytes, number } from "../ui/wording";
import { copied } from "./copying";

const LIVES = { "5 minutes": 300, "1 hour": 3_600, "1 day": 86_400, "1 week": 604_800 };
const FORMATS = ["WEBP", "AVIF", "JPEG", "PNG"];

/** Addresses to give to somebody: signed when they are asked for, good for as long as is chosen. */
export function Addresses({ picture }: { picture: PictureFragment }) {
  const [address, setAddress] = useState("");
  const [said, setSaid] = useState("");

  async function give(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const url = await signed(picture.id, form);
    setAddress(url ?? "");
    if (!url) setSaid("There is no address: the service did not answer.");
    else setSaid((await copied(url)) ? "Copied." : "Copy it from here:");
  }

  return (
    <section>
      <h2>Variants and addresses</h2>
      <Presets picture={picture} />
      <form className="addresses" onSubmit={give}>
        <label className="field">
          <span>Width</span>
          <select name="width" defaultValue="1280">
            <option value="">The original file</option>
            {[320, 640, 1280, 1920, 2560].map((width) => (
              <option key={width} value={width}>
                {number(width)} px
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Format</span>
          <select name="format">
            {FORMATS.map((format) => (
              <option key={format}>{format}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Good for</span>
          <select name="life">
            {Object.entries(LIVES).map(([name, seconds]) => (
              <option key={name} value={seconds}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button>
          <Icon name="copy" />
          Copy address
        </button>
      </form>
      <p role="status" className="faint">
        {said}
      </p>
      {address && <input className="address" aria-label="Address" readOnly value={address} onFocus={(event) => event.target.select()} />}
    </section>
  );
}

async function signed(id: string, form: FormData): Promise<string | undefined> {
  const lifeSeconds = Number(form.get("life"));
  const widthPx = Number(form.get("width"));
  if (!widthPx) {
    const { data } = await client.query(OriginalAddressDocument, { id, lifeSeconds }).toPromise();
    return data?.image?.url;
  }
  const format = form.get("format") as ImageFormat;
  const { data } = await client.query(SignedAddressDocument, { id, widthPx, format, lifeSeconds }).toPromise();
  return data?.image?.variant.url;
}

function Presets({ picture: { variants } }: { picture: PictureFragment }) {
  return (
    <ul className="presets">
      {byWidth(variants).map(({ name, url, widthPx, heightPx, mediaType, sizeBytes }) => (
        <li key={url}>
          <a href={url} target="_blank" rel="noreferrer">
            {name}
          </a>
          <span className="faint">
            {number(widthPx)} × {number(heightPx)}, {mediaType}
            {sizeBytes ? `, ${bytes(sizeBytes)}` : ""}
          </span>
        </li>
      ))}
    </ul>
  );
}
