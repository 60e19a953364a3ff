import { type DragEvent, type ReactNode, useRef, useState } from "react";

import { Icon } from "../ui/icons";
import { queue } from "./queue";

/** Files may be dropped anywhere on the page. */
export function DropZone({ children }: { children: ReactNode }) {
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);

  function enter(by: number, event: DragEvent) {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth.current += by;
    setOver(depth.current > 0);
  }

  function drop(event: DragEvent) {
    depth.current = 0;
    setOver(false);
    if (!carriesFiles(event) || event.isDefaultPrevented()) return;
    event.preventDefault();
    queue.add([...event.dataTransfer.files]);
  }

  return (
    <div
      className="drop-zone"
      onDragEnter={(event) => enter(1, event)}
      onDragLeave={(event) => enter(-1, event)}
      onDragOver={(event) => carriesFiles(event) && event.preventDefault()}
      onDrop={drop}
    >
      {children}
      {isOver && (
        <div className="drop-here" aria-hidden="true">
          <Icon name="upload" />
          Drop your photos
        </div>
      )}
    </div>
  );
}

const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");

/** The same for those who would rather choose. */
export function ChooseFiles({ label = "Upload" }: { label?: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
        aria-label="Photos to upload"
        onChange={(event) => {
          queue.add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <button type="button" className="primary" onClick={() => input.current?.click()}>
        <Icon name="upload" />
        {label}
      </button>
    </>
  );
}
