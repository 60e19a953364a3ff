import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql/language/printer";

import * as session from "./session";

/** The service was not reached, or did not answer: worth another try with the same idempotency key. */
export class SilenceError extends Error {}

/** It answered, and will answer the same again. */
export class RefusalError extends Error {}

interface Sending {
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/**
 * An operation with a file, as the GraphQL multipart request specification has it. By XMLHttpRequest, since `fetch`
 * does not say how much has been sent.
 */
export async function send<Data, Variables extends { file: File | null }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, "file">,
  file: File,
  options: Sending = {},
): Promise<Data> {
  const form = new FormData();
  form.set("operations", JSON.stringify({ query: print(document), variables: { ...variables, file: null } }));
  form.set("map", JSON.stringify({ 0: ["variables.file"] }));
  form.set("0", file, file.name);
  const token = await current();
  let request = await post(form, token, options);
  if (request.status === 401 && token) request = await post(form, (await session.renew(token))?.accessToken, options);
  return read<Data>(request);
}

async function current(): Promise<string | null> {
  try {
    return await session.token();
  } catch {
    throw new SilenceError();
  }
}

function post(form: FormData, token: string | null | undefined, { onProgress, signal }: Sending) {
  return new Promise<XMLHttpRequest>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "graphql");
    request.setRequestHeader("graphql-require-preflight", "1");
    if (token) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded / total);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new SilenceError());
    request.onabort = () => reject(new RefusalError("Stopped."));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function read<Data>(request: XMLHttpRequest): Data {
  if (request.status >= 500 || request.status === 0) throw new SilenceError();
  const answer = parsed(request.responseText) as { data?: Data; errors?: { message: string }[] } | null;
  if (answer?.errors?.[0]) throw new RefusalError(answer.errors[0].message);
  if (!answer?.data) throw new RefusalError(`The service answered ${request.status}.`);
  return answer.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** 128 random bits in hex. (`crypto.randomUUID` is only there on HTTPS.) */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
