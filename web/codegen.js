// Types and documents for `src/operations/*.graphql`, by GraphQL Code Generator's client preset, into `src/gql/`.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { buildSchema, parse } from "graphql";

const here = dirname(fileURLToPath(import.meta.url));
const into = join(here, "src/gql/");
const operations = join(here, "src/operations");

const text = readFileSync(join(here, "../schema.graphql"), "utf8");
const schema = parse(text);
const documents = readdirSync(operations).map((name) => {
  const location = join(operations, name);
  const rawSDL = readFileSync(location, "utf8");
  return { location, rawSDL, document: parse(rawSDL) };
});

const outputs = await preset.buildGeneratesSection({
  baseOutputDir: into,
  schema,
  schemaAst: buildSchema(text),
  documents,
  presetConfig: { fragmentMasking: false },
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    scalars: { DateTime: "string", URL: "string", Upload: "File | null" },
  },
  plugins: [],
  pluginMap: {},
  pluginContext: {},
});

mkdirSync(into, { recursive: true });
for (const output of outputs) writeFileSync(output.filename, await codegen(output));
