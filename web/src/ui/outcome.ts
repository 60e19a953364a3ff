import type { CombinedError } from "urql";

interface Result {
  data?: Record<string, unknown> | undefined;
  error?: CombinedError | undefined;
}

/** Why a mutation did not do what was asked, in words for people; null if it did. */
export function refusal({ data, error }: Result): string | null {
  if (error?.networkError) return "The service cannot be reached. Nothing was changed; try again in a moment.";
  if (error) return error.graphQLErrors[0]?.message ?? error.message;
  for (const outcome of Object.values(data ?? {})) {
    const { __typename: kind, message } = (outcome ?? {}) as { __typename?: string; message?: string };
    if (kind?.endsWith("Error")) return message ?? kind;
  }
  return null;
}
