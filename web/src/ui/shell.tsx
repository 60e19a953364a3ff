import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";

import { AccountMenu } from "../account/menu";
import { SearchField } from "../gallery/search";
import icon from "../icon.svg";
import { currentLine, onLine } from "../net/socket";
import { to, useRoute } from "../routing";
import { DropZone } from "../uploads/drop";
import { UploadPanel } from "../uploads/panel";
import { Icon } from "./icons";
import { Toasts } from "./toast";

const PLACES = [
  { name: "Photos", address: to(), icon: "photos", rooms: [undefined, "images"] },
  { name: "Batches", address: to("batches"), icon: "batches", rooms: ["batches"] },
  { name: "Trash", address: to("trash"), icon: "trash", rooms: ["trash"] },
] as const;

export function Shell({ email, children }: { email: string; children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  useFocusOnArrival(main);
  return (
    <DropZone>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="bar">
        <a className="brand" href={to()}>
          <img src={icon} alt="" width={28} height={28} />
          <span>Darkroom</span>
        </a>
        <Places />
        <SearchField />
        <AccountMenu email={email} />
      </header>
      <main ref={main} tabIndex={-1} className="page">
        {children}
      </main>
      <UploadPanel />
      <Reconnecting />
      <Toasts />
    </DropZone>
  );
}

function Places() {
  const { path } = useRoute();
  return (
    <nav className="places" aria-label="Places">
      {PLACES.map((place) => {
        const here = place.rooms.some((room) => room === path[0]);
        return (
          <a key={place.name} href={place.address} aria-current={here ? "page" : undefined}>
            <Icon name={place.icon} />
            {place.name}
          </a>
        );
      })}
    </nav>
  );
}

/** Whoever follows a link by keyboard goes on reading where it led. */
function useFocusOnArrival(main: { current: HTMLElement | null }) {
  const { path } = useRoute();
  const place = path.join("/");
  const isGallery = path[0] === undefined || path[0] === "trash"; // which finds its place by itself
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    main.current?.focus({ preventScroll: true });
    if (!isGallery) scrollTo(0, 0);
  }, [place, main, isGallery]);
}

function Reconnecting() {
  const line = useSyncExternalStore(onLine, currentLine);
  return (
    <div className="line" role="status">
      {line === "lost" && <span className="pill">Reconnecting …</span>}
    </div>
  );
}
