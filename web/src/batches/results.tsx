import { ResultAddressDocument, type ResultFormat } from "../gql/graphql";
import { client } from "../net/client";
import { Icon } from "../ui/icons";
import { toast } from "../ui/toast";

const FORMATS: Record<ResultFormat, string> = { CSV: "CSV", EXTENDED_CSV: "CSV with details", JSONL: "JSON Lines" };

/** What has come of it, at any time. The address is signed when it is asked for. */
export function Results({ id }: { id: string }) {
  async function download(format: ResultFormat) {
    const { data } = await client.query(ResultAddressDocument, { id, format }).toPromise();
    const address = data?.batch?.resultUrl;
    if (address) location.assign(address);
    else toast("The results cannot be had right now. Try again in a moment.");
  }
  return (
    <div className="results" role="group" aria-label="Download results">
      {(Object.keys(FORMATS) as ResultFormat[]).map((format) => (
        <button key={format} type="button" onClick={() => download(format)}>
          <Icon name="download" />
          {FORMATS[format]}
        </button>
      ))}
    </div>
  );
}
