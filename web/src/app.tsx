import { useSyncExternalStore } from "react";

import { SignIn } from "./account/sign-in";
import { BatchPage } from "./batches/page";
import { BatchList } from "./batches/list";
import { NewBatch } from "./batches/new";
import { Gallery } from "./gallery/page";
import * as session from "./net/session";
import { PicturePage } from "./picture/page";
import { useRoute } from "./routing";
import { NotHere } from "./ui/empty";
import { Shell } from "./ui/shell";

export function App() {
  const signedIn = useSyncExternalStore(session.subscribe, session.get);
  return signedIn ? <SignedIn key={signedIn.email} email={signedIn.email} /> : <SignIn />;
}

function SignedIn({ email }: { email: string }) {
  return (
    <Shell email={email}>
      <Page />
    </Shell>
  );
}

function Page() {
  const { path, query } = useRoute();
  const [room, id] = path;
  if (room === undefined) return <Gallery query={query} />;
  if (room === "trash" && !id) return <Gallery key="trash" query={query} trashed />;
  if (room === "images" && id) return <PicturePage key={id} id={id} />;
  if (room === "batches" && !id) return <BatchList />;
  if (room === "batches" && id === "new") return <NewBatch />;
  if (room === "batches" && id) return <BatchPage key={id} id={id} />;
  return <NotHere />;
}
