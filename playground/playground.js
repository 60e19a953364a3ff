// GraphiQL for Darkroom: it remembers who signed in, sends the attached file, and follows images live.
"use strict";

const EXAMPLES = "playground/examples.graphql";
const GRAPHQL = location.origin + location.pathname;
const SOCKET = GRAPHQL.replace(/^http/, "ws");
const PREFLIGHT = { "graphql-require-preflight": "1" };

const fileInput = document.getElementById("file");

// ---------------------------------------------------------------- what this browser tab remembers

const remembered = (name) => sessionStorage.getItem(`darkroom.${name}`);
const remember = (name, value) => sessionStorage.setItem(`darkroom.${name}`, value);

function rememberFrom(answer) {
  for (const outcome of Object.values(answer.data ?? {})) {
    if (outcome?.session?.accessToken) {
      remember("accessToken", outcome.session.accessToken);
      remember("email", outcome.session.viewer?.email ?? "");
    }
    if (outcome?.image?.id) remember("imageId", outcome.image.id);
  }
  showStrip();
}

function forget() {
  for (const name of ["accessToken", "email", "imageId"]) sessionStorage.removeItem(`darkroom.${name}`);
  showStrip();
}

// ---------------------------------------------------------------- from an operation to a request

const namesSender = (headers) => Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "authorization");

function sender(headers) {
  const token = remembered("accessToken");
  return token && !namesSender(headers) ? { authorization: `Bearer ${token}` } : {};
}

function declared(query, type) {
  return [...query.matchAll(new RegExp(`\\$(\\w+)\\s*:\\s*${type}\\b`, "g"))].map((match) => match[1]);
}

/** Puts the image uploaded last where an operation asks for `$id` and is given none. */
function withImageId(operation) {
  const id = remembered("imageId");
  const wanted = declared(operation.query, "ID").includes("id") && !operation.variables?.id;
  return id && wanted ? { ...operation, variables: { ...operation.variables, id } } : operation;
}

/** The attached file behind every variable of the type Upload, as the multipart request spec says. */
function formWith(file, operation, names) {
  const nulls = Object.fromEntries(names.map((name) => [name, null]));
  const form = new FormData();
  form.set("operations", JSON.stringify({ ...operation, variables: { ...operation.variables, ...nulls } }));
  form.set("map", JSON.stringify({ 0: names.map((name) => `variables.${name}`) }));
  form.set("0", file, file.name);
  return form;
}

function post(operation, headers) {
  const names = declared(operation.query, "Upload");
  if (!names.length) return fetch(GRAPHQL, { method: "POST", headers, body: JSON.stringify(operation) });
  const file = fileInput.files[0];
  if (!file) return refusal("Attach a file first, at the foot of this page.");
  const { "content-type": _, ...others } = headers; // the browser names the form's boundary itself
  return fetch(GRAPHQL, { method: "POST", headers: { ...others, ...PREFLIGHT }, body: formWith(file, operation, names) });
}

const refusal = (message) => Response.json({ errors: [{ message }] });

// ---------------------------------------------------------------- GraphiQL's way to the service

/** As `fetch`; a remembered token that is over is forgotten, and the operation sent again as nobody's. */
async function send(_, { body, headers }) {
  const operation = JSON.parse(body);
  const identity = sender(headers);
  let response = await post(operation, { ...headers, ...identity });
  if (response.status === 401 && identity.authorization) {
    forget();
    response = await post(operation, headers);
  }
  rememberFrom(await response.clone().json());
  return response;
}

/** A fetcher for each operation, since the token may have changed since the last. */
function fetcher(operation, options) {
  const fetchOnce = GraphiQL.createFetcher({
    url: GRAPHQL,
    subscriptionUrl: SOCKET,
    wsConnectionParams: sender(options?.headers),
    enableIncrementalDelivery: false,
    fetch: send,
  });
  return fetchOnce(withImageId(operation), options);
}

// ---------------------------------------------------------------- the page

/** One tab an example; the comment line `# Variables: {…}` goes into the variables' editor. */
function tabs(examples) {
  return examples.trim().split(/\n\n(?=#)/).map((example) => {
    const variables = /^# Variables: (.*)\n/m;
    const given = JSON.parse(example.match(variables)?.[1] ?? "{}");
    return { query: example.replace(variables, ""), variables: JSON.stringify(given, null, 2) };
  });
}

function show(id, ...content) {
  document.getElementById(id).replaceChildren(...content);
}

function strong(text) {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}

function showStrip() {
  const file = fileInput.files[0];
  if (file) show("attached", strong(file.name), ` fills $file · ${file.size.toLocaleString("en")} bytes`);
  else show("attached", "It fills $file in an upload");

  const signedIn = Boolean(remembered("accessToken"));
  if (signedIn) show("session", "Signed in as ", strong(remembered("email") || "somebody"));
  else show("session", "Not signed in: run SignUp or LogIn");
  document.getElementById("forget").hidden = !signedIn;
}

async function start() {
  const examples = await (await fetch(EXAMPLES)).text();
  const graphiql = React.createElement(
    GraphiQL,
    {
      fetcher,
      defaultTabs: tabs(examples),
      defaultEditorToolsVisibility: "variables",
      plugins: [GraphiQLPluginExplorer.explorerPlugin()],
      storage: GraphiQL.createLocalStorage({ namespace: "darkroom" }),
    },
    React.createElement(GraphiQL.Logo, null, React.createElement("span", { className: "brand" }, "Darkroom")),
  );
  ReactDOM.createRoot(document.getElementById("graphiql")).render(graphiql);
}

fileInput.addEventListener("change", showStrip);
document.getElementById("forget").addEventListener("click", forget);
showStrip();
start();
