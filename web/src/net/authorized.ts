import * as session from "./session";

/** `fetch` as whoever is signed in. A token that is refused is renewed, and the request made once more. */
export async function authorizedFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const token = await session.token();
  const response = await fetch(input, as(token, init));
  if (response.status !== 401 || !token) return response;
  const renewed = await session.renew(token);
  return renewed ? fetch(input, as(renewed.accessToken, init)) : response;
}

function as(token: string | null, init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return { ...init, headers };
}
