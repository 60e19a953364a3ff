import { useEffect, useRef, useState } from "react";

import { go, replace, to, useRoute, withQuery } from "../routing";
import { Icon } from "../ui/icons";

const STILL_TYPING_MS = 200;

/** Seeks while it is typed, in the trash when that is what is looked at, else among all photos. `/` leads here. */
export function SearchField() {
  const { path, query } = useRoute();
  const sought = query.get("q") ?? "";
  const [text, setText] = useState(sought);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (document.activeElement !== field.current) setText(sought);
  }, [sought]);
  useSlash(field);

  function seek(words: string) {
    setText(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const isGallery = path[0] === undefined || path[0] === "trash";
      const place = path[0] === "trash" ? to("trash") : to();
      const address = withQuery(place, { q: words.trim(), tag: query.getAll("tag") });
      (isGallery ? replace : go)(address);
    }, STILL_TYPING_MS);
  }

  return (
    <form className="search" role="search" onSubmit={(event) => event.preventDefault()}>
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        aria-label="Search photos"
        placeholder="Search names, captions, tags"
        maxLength={256}
        value={text}
        onChange={(event) => seek(event.target.value)}
      />
    </form>
  );
}

function useSlash(field: { current: HTMLInputElement | null }) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).matches("input, textarea, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [field]);
}
