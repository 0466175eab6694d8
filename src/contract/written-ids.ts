/** What stands for an id in addresses and on command lines: all of it, or a part. Without zod: the first page stays small. */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** As ids are made, in small letters; what a person writes is brought to those first. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/** An id begins with its time, so its end tells it from its neighbours: the web app shows so many characters of it. */
export const ID_ENDING = 6;

/** Whether a person who writes `text` may mean this id: its beginning, or its end of at least `ID_ENDING` characters. */
export function namesId(text: string, id: string): boolean {
  const part = text.toLowerCase();
  return id.startsWith(part) || (part.length >= ID_ENDING && id.endsWith(part));
}
