/** Splits a text at its fences of three backticks or tildes; everything in it stays text. Pure. */

export interface Block {
  code: boolean;
  text: string;
}

/** A fence without an end goes to the end of the text. */
export function codeBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let fence: string | null = null;
  let lines: string[] = [];
  const close = (code: boolean): void => {
    const whole = lines.join('\n');
    if (whole.trim() !== '') blocks.push({ code, text: code ? whole : whole.replace(/^\n+|\n+$/g, '') });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const [, mark = null] = /^\s{0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === null && mark !== null) {
      close(false);
      fence = mark;
    } else if (fence !== null && mark !== null && mark.startsWith(fence) && line.trim() === mark) {
      close(true);
      fence = null;
    } else lines.push(line);
  }
  close(fence !== null);
  return blocks;
}
