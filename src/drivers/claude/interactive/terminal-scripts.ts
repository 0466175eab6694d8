/** The two shell scripts that Claude Code runs for us. Plain POSIX: they run under dash, and under macOS's sh. */

/**
 * Posts what a hook was told as a letter. With `hold` it then waits for one line and prints it: the hook's verdict.
 * It opens the FIFO for reading and writing before the letter can be seen, so that whoever finds the letter finds a
 * reader, and a FIFO without a reader means that nobody waits any more.
 */
export const HOOK_SCRIPT = `#!/bin/sh
umask 077
letters=\${0%/*}/letters
draft=$(mktemp "$letters/.XXXXXXXXXX") || exit 0
cat >"$draft"
name=$letters/\${draft##*/.}
if [ "$1" != hold ]; then
  exec mv "$draft" "$name.json"
fi
mkfifo "$name.answer" && exec 3<>"$name.answer" || exit 0
mv "$draft" "$name.json"
IFS= read -r verdict <&3
printf '%s' "$verdict"
`;

/**
 * The editor that Claude Code opens on ^G. With an order of ours it tells what stands in the input line, and puts the
 * ordered text there when it is what the order expects. While we press the key it never becomes anything else: we may
 * have pressed it once too often. Otherwise it is the person's own editor.
 */
export const EDITOR_SCRIPT = `#!/bin/sh
umask 077
composer=\${0%/*}/../composer
case $1 in
  *claude-prompt-*)
    if order=$(cat "$composer/current" 2>/dev/null) && mv "$composer/current" "$composer/$order/taken" 2>/dev/null; then
      cat "$1" >"$composer/$order/draft.part"
      if cmp -s "$1" "$composer/$order/expected"; then
        cat "$composer/$order/text" >"$1" && : >"$composer/$order/placed"
      fi
      exec mv "$composer/$order/draft.part" "$composer/$order/draft"
    fi
    [ -e "$composer/pressing" ] && exit 0
    ;;
esac
exec sh -c "\${POINTSMAN_EDITOR:-vi}"' "$@"' sh "$@"
`;
