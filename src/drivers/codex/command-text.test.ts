import { expect, it } from 'vitest';
import { commandText } from './command-text.ts';

it.each([
  ["/bin/bash -lc 'touch a && echo b'", 'touch a && echo b'],
  ['/bin/bash -lc pwd', 'pwd'],
  ['bash -c "echo \\"x\\" \\$HOME"', 'echo "x" $HOME'],
  [`/usr/bin/zsh -lc 'echo '"'"'it'"'"''`, "echo 'it'"],
  ["/bin/sh -c 'two\nlines'", 'two\nlines'],
])('shows of %s only what the shell is told', (command, script) => {
  expect(commandText(command)).toBe(script);
});

it.each([
  'touch a',
  "/bin/bash -lc 'echo $0' rm",
  "/bin/bash -lc 'unclosed",
  "python3 -c 'print(1)'",
  "/bin/bash --init-file x 'y'",
  '',
])('leaves %s as it is', (command) => {
  expect(commandText(command)).toBe(command);
});
