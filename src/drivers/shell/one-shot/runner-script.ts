/**
 * The program of a one-shot agent's session: runs one command after the other, each in a process group of its own, and
 * outlives the server. POSIX sh. Arguments: the directory of the tasks, `line` or `argument`, then the command.
 *
 * Standard input: one `{"run":"<task>"}` per task. Standard output: `{"started":"<task>"}`, `{"ended":"<task>","status":N}`.
 * Who makes the directory `claimed` of a task decides its fate: the runner runs it, the driver keeps it from ever running.
 *
 * Of an output over 64 MiB the middle is given back to the disk, as a hole between ends of 16 MiB that are longer than
 * what anybody reads of them. Where no hole can be made, it takes what it takes.
 */
export const RUNNER_SCRIPT = String.raw`
tasks=$1 how=$2; shift 2
set -m
child='' signalled=
trap 'signalled=1; [ -z "$child" ] || kill -INT "-$child" 2>/dev/null' INT
trap 'signalled=1; [ -z "$child" ] || kill -KILL "-$child" 2>/dev/null' QUIT
trap '' TSTP
bound() { # while the command runs, and no longer than this runner lives
  while sleep 1 && kill -0 $$; do
    size=$(wc -c <"$1"); size=$((size - 33554432))
    [ "$size" -le 33554432 ] || fallocate --punch-hole --offset 16777216 --length "$size" "$1" || return
  done
}
while IFS= read -r line; do
  name=${'$'}{line#'{"run":"'}; name=${'$'}{name%'"}'}
  case $name in *[!A-Za-z0-9_-]*|'') continue;; esac
  task=$tasks/$name
  [ -f "$task/prompt" ] && mkdir "$task/claimed" 2>/dev/null || continue
  IFS= read -r directory <"$task/directory"
  prompt=$(cat "$task/prompt"; echo .); prompt=${'$'}{prompt%.}
  printf '{"started":"%s"}\n' "$name"
  if [ "$how" = line ]; then set -- "$@" -c "$prompt"; else set -- "$@" "$prompt"; fi
  (cd "$directory" && exec "$@") >"$task/output" 2>&1 </dev/null 9>&- &
  child=$!
  bound "$task/output" >/dev/null 2>&1 </dev/null 9>&- &
  bounding=$! status=127
  while :; do
    signalled= before=$status
    wait "$child"; status=$?
    # What a signal interrupts is waited for again; 127 then says that its status was told already.
    [ -n "$signalled" ] || break
  done
  [ "$status" != 127 ] || status=$before
  child=
  kill -KILL "-$bounding" 2>/dev/null; wait "$bounding" 2>/dev/null
  printf '{"ended":"%s","status":%s}\n' "$name" "$status"
  # The command as it was, without this prompt.
  count=$# kept=1
  [ "$how" = line ] && kept=2
  while [ "$count" -gt "$kept" ]; do first=$1; shift; set -- "$@" "$first"; count=$((count - 1)); done
  shift "$kept"
done
`;
