/** The token of a view in another page, which has no cookie; null in the app itself. */
let token: string | null = null;

export const bearer = (): string | null => token;

export function setBearer(next: string): void {
  token = next;
}
