// GraphiQL for Darkroom: it remembers who signed in, sends the attached file, and follows images live.
"use strict";

const EXAMPLES = "playground/examples.graphql";
const GRAPHQL = location.origin + location.pathname;
const SOCKET = GRAPHQL.replace(/^http/, "ws");
const FORBIDDEN = 4403; // how a socket is closed whose token is not valid
const PREFLIGHT = { "graphql-require-preflight": "1" };
const REFRESH = `mutation ($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) {
    ... on RefreshSessionPayload { session { accessToken refreshToken viewer { email } } }
  }
}`;

const fileInput = document.getElementById("file");

// ---------------------------------------------------------------- what this browser tab remembers

const remembered = (name) => sessionStorage.getItem(`darkroom.${name}`);
const remember = (name, value) => sessionStorage.setItem(`darkroom.${name}`, value);

function rememberFrom(answer) {
  for (const outcome of Object.values(answer.data ?? {})) {
    if (outcome?.session?.accessToken) {
      remember("accessToken", outcome.session.accessToken);
      remember("refreshToken", outcome.session.refreshToken ?? "");
      remember("email", outcome.session.viewer?.email ?? "");
    }
    if (outcome?.image?.id) remember("imageId", outcome.image.id);
  }
  showStrip();
}

function forget() {
  for (const name of ["accessToken", "refreshToken", "email", "imageId"]) sessionStorage.removeItem(`darkroom.${name}`);
  showStrip();
}

// ---------------------------------------------------------------- an operation by HTTP

const namesSender = (headers) => Object.keys(headers).some((name) => name.toLowerCase() === "authorization");

function sender(headers) {
  const token = remembered("accessToken");
  return token && !namesSender(headers) ? { authorization: `Bearer ${token}` } : {};
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
  const [body, special] = names.length
    ? [formWith(fileInput.files[0], operation, names), PREFLIGHT]
    : [JSON.stringify(operation), { "content-type": "application/json" }];
  return fetch(GRAPHQL, { method: "POST", headers: { ...special, ...headers }, body });
}

/** Fresh tokens in place of those that are remembered; without any, they are forgotten. */
async function renew() {
  const variables = { refreshToken: remembered("refreshToken") ?? "" };
  const answer = await (await post({ query: REFRESH, variables }, {})).json();
  if (answer.data?.refreshSession?.session) rememberFrom(answer);
  else forget();
}

/** The answer; when the remembered token is over, the operation is sent again with a fresh one, or else as nobody's. */
async function send(operation, headers) {
  if (declared(operation.query, "Upload").length && !fileInput.files.length) {
    return { errors: [{ message: "Attach a file first, at the foot of this page." }] };
  }
  const identity = sender(headers);
  let response = await post(operation, { ...headers, ...identity });
  if (response.status === 401 && identity.authorization) {
    await renew();
    response = await post(operation, { ...headers, ...sender(headers) });
  }
  const answer = await response.json();
  rememberFrom(answer);
  return answer;
}

// ---------------------------------------------------------------- a subscription by WebSocket

/** An observable of the answers, over graphql-transport-ws. A remembered token that is over is renewed, once. */
function follow(operation, headers) {
  return {
    subscribe(observer) {
      let socket;
      let ended = false;
      let renewable = Boolean(sender(headers).authorization);
      const say = (message) => socket.send(JSON.stringify(message));
      const end = () => {
        ended = true;
        socket.onclose = null;
        socket.close();
        observer.complete();
      };
      const fail = (errors) => {
        observer.next({ errors });
        end();
      };
      const heard = {
        connection_ack: () => {
          renewable = false;
          say({ type: "subscribe", id: "1", payload: operation });
        },
        ping: () => say({ type: "pong" }),
        next: ({ payload }) => observer.next(payload),
        error: ({ payload }) => fail(payload),
        complete: end,
      };
      const closed = async ({ code, reason }) => {
        if (code !== FORBIDDEN || !renewable) return fail([{ message: `The socket was closed: ${code} ${reason}` }]);
        renewable = false;
        await renew();
        if (!ended) connect();
      };
      const connect = () => {
        socket = new WebSocket(SOCKET, "graphql-transport-ws");
        socket.onopen = () => say({ type: "connection_init", payload: { ...headers, ...sender(headers) } });
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          heard[message.type]?.(message);
        };
        socket.onclose = closed;
      };
      connect();
      return { unsubscribe: end };
    },
  };
}

// ---------------------------------------------------------------- GraphiQL's way to both

function declared(query, type) {
  return [...query.matchAll(new RegExp(`\\$(\\w+)\\s*:\\s*${type}\\b`, "g"))].map((match) => match[1]);
}

/** Puts the image uploaded last where an operation asks for `$id` and is given none. */
function withImageId(operation) {
  const id = remembered("imageId");
  const wanted = declared(operation.query, "ID").includes("id") && !operation.variables?.id;
  return id && wanted ? { ...operation, variables: { ...operation.variables, id } } : operation;
}

function operationsIn(query) {
  try {
    return GraphiQL.GraphQL.parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  } catch {
    return []; // the service says what is wrong
  }
}

/** The operation is read from the text: GraphiQL notices a moment late what was typed or which tab was opened. */
function fetcher({ query, variables, operationName }, options) {
  const operations = operationsIn(query);
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  const operation = withImageId({ query, variables, operationName: chosen?.name?.value });
  const carry = chosen?.operation === "subscription" ? follow : send;
  return carry(operation, options?.headers ?? {});
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
