// Tells of each image that comes into the gallery, by the shared recipe that is named.
import { SERVICE, authorizedFetch, logIn } from "./session.js";

const { watch } = await import(process.argv[2]);
await logIn({ email: "ann@example.com", password: "correct horse battery" });
const headers = { "content-type": "application/json" };
const body = JSON.stringify({ query: "{ gallery { changeCursor } }" });
const { data } = await (await authorizedFetch(SERVICE, { method: "POST", headers, body })).json();
console.log("from here");
const query = "subscription ($after: String) { galleryChanges(after: $after) { cursor kind image { filename } } }";
watch(query, { after: data.gallery.changeCursor }, {
  next({ data: { galleryChanges: { kind, image } } }) {
    if (kind === "ADDED") console.log(image.filename);
  },
  error: (reason) => console.log(reason),
  complete: () => console.log("complete"),
});
