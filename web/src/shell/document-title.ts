/** The tab: how many items wait for you, then the page; the number on its icon too. */
import { tabIcon } from './tab-icon.ts';

let page = '';
let waiting = 0;

export function setPageTitle(title: string): void {
  page = title;
  write();
}

export function setWaitingCount(count: number): void {
  waiting = count;
  write();
  document.querySelector<HTMLLinkElement>('link[rel=icon]')?.setAttribute('href', tabIcon(count));
}

function write(): void {
  document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${page ? `${page} · ` : ''}Pointsman`;
}
