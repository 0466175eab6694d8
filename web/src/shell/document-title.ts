/** The tab's title: how many items wait for you, then the page. */

let page = '';
let waiting = 0;

export function setPageTitle(title: string): void {
  page = title;
  write();
}

export function setWaitingCount(count: number): void {
  waiting = count;
  write();
}

function write(): void {
  document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${page ? `${page} · ` : ''}Pointsman`;
}
