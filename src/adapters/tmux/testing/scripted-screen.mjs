// Draws for a while what terminals find hard, the same for the same seed, in pieces cut at any byte; then says the last word.
const [, , seedText, lastWord] = process.argv;
let seed = Number(seedText);
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const cols = process.stdout.columns;
const rows = process.stdout.rows;
const pick = (...choices) => choices[random(choices.length)];
const words = () =>
  Array.from({ length: 1 + random(12) }, () => pick('abc', '漢字', 'é', '🙂', '─│', 'x y', '%end 1 2 1', 'Ω')).join(
    ' ',
  );
const at = () => `\x1b[${1 + random(rows)};${1 + random(cols)}H`;
let alternate = false;
const step = () =>
  pick(
    () => `${at()}\x1b[${pick('0', '1', '7', '31', '44', '38;5;99', '38;2;1;2;3')}m${words()}\x1b[m`,
    () => `${at()}${words()}\r\n`,
    () => `\x1b[${rows};1H${words()}\n`,
    () => `\x1b[${1 + random(rows)};1H${'w'.repeat(cols)}`, // ends with the wrap still pending
    () => `${at()}\x1b[${pick('K', '1K', '2K', 'J', 'L', 'M', '3P', '4@')}`,
    () => `\x1b[${1 + random(5)};${10 + random(5)}r`,
    () => `${at()}\x1b(0lqqk\x1b(B`,
    () => `\x1b[?${pick(7, 25, 1, 1000, 1002, 1006)}${pick('h', 'l')}`,
    () => ((alternate = !alternate), `\x1b[?1049${alternate ? 'h' : 'l'}`),
  )();

const pieces = [];
let script = Array.from({ length: 400 }, step).join('');
script += `\x1b[?7h${alternate && random(2) === 1 ? '\x1b[?1049l' : ''}${at()}`;
const bytes = Buffer.from(script);
for (let start = 0; start < bytes.length;) {
  const end = Math.min(bytes.length, start + 1 + random(60));
  pieces.push(bytes.subarray(start, end));
  start = end;
}
const draw = () => {
  const piece = pieces.shift();
  process.stdout.write(piece ?? `\x1b[m\x1b[r\x1b[2;3H${lastWord}`);
  if (piece !== undefined) setTimeout(draw, pieces.length % 3 === 0 ? 1 : 0);
};
process.stdin.setRawMode(true);
process.stdin.once('data', draw);
process.stdout.write('READY');
