/** One page of a list: reads one entry more than asked, so that it knows whether a next page exists. */

const DEFAULT_LIMIT = 50;

interface ListRequest {
  query: { limit?: number | undefined };
  nextPage: (cursor: string) => void;
}

export async function listPage<T>(
  { query, nextPage }: ListRequest,
  { read, cursorOf }: { read: (limit: number) => Promise<T[]>; cursorOf: (last: T) => string },
): Promise<T[]> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const found = await read(limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  if (found.length > limit && last !== undefined) nextPage(cursorOf(last));
  return page;
}
