// The old calls, one after the other, as docs/moving-over.md has them.
import { readFile } from "node:fs/promises";
import { get, list, remove, update, upload } from "./images.js";
import { signUp } from "./session.js";

await signUp({ email: "ann@example.com", password: "correct horse battery" });
const photo = await readFile("photo.jpg");
for (const number of [1, 2]) await upload(new File([photo, String(number)], `${number}.jpg`));
const first = await list({ limit: 1 });
const second = await list({ limit: 1, after: first.next });
console.log(first.total, first.images[0].filename, second.images[0].filename, second.next);

const { id } = first.images[0];
await update(id, { caption: "The sea", tags: ["beach"] });
const { caption, tags, url } = await get(id);
console.log(caption, tags.join(), (await fetch(url)).headers.get("content-disposition").split(";")[0]);
await remove(id);
console.log(await get(id));
await upload(new File(["no picture"], "notes.txt")).catch((error) => console.log(error.message));
