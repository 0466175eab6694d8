/** Gives a text to the person as a file. */
export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), {
    href: address,
    download: name.replaceAll(/[^\w.-]+/g, '-').toLowerCase(),
  });
  link.click();
  URL.revokeObjectURL(address);
}
