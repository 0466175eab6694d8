# Runs one step outside the server's process group and keeps its start, output and exit status in files.
# Arguments: run directory, working directory, PATH of the command as "=value" (or "" for none), the command.
# The order is the promise: the pid is on disk before the claim, and nothing runs before the claim is won.
run=$1 cwd=$2 path=$3
shift 3
mask=$(umask)
umask 077
# Traps, not "ignore": an ignored signal would stay ignored in the command.
trap : HUP INT QUIT TERM
cd /

field_22() { shift 19; started=$1; }
started= boot=
if [ -r "/proc/$$/stat" ]; then
  IFS= read -r stat <"/proc/$$/stat"
  field_22 ${stat##*) }
  [ -r /proc/sys/kernel/random/boot_id ] && IFS= read -r boot </proc/sys/kernel/random/boot_id
else
  started=$(TZ=UTC LC_ALL=C ps -o lstart= -p $$)
fi
: >"$run/stdout"
: >"$run/stderr"
printf '%s\n%s\n%s\n' "$$" "$started" "$boot" >"$run/pid" || exit 1
# Whoever renames "open" away has decided: we, or a server that fenced this key.
mv -f "$run/open" "$run/claimed" 2>/dev/null || exit 0

(
  umask "$mask"
  cd "$cwd" || exit 126
  case $path in
    =*) PATH=${path#=} ;;
    *) unset PATH ;;
  esac
  # What this shell added; the command has the environment it was given.
  unset PWD OLDPWD SHLVL
  exec "$@"
) </dev/null >>"$run/stdout" 2>>"$run/stderr"
code=$?

# A full disk must not turn a known exit status into an unknown one.
until printf '%s\n' "$code" >"$run/exit.new" && mv -f "$run/exit.new" "$run/exit"; do
  [ -d "$run" ] || exit 0
  sleep 1
done
