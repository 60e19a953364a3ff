import "./styles/base.css";
import "./styles/forms.css";
import "./styles/shell.css";
import "./styles/gallery.css";
import "./styles/uploads.css";
import "./styles/picture.css";
import "./styles/batches.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";

import { App } from "./app";
import { client } from "./net/client";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Provider value={client}>
      <App />
    </Provider>
  </StrictMode>,
);
