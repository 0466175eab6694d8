/**
 * The rc file that makes a bash tell its journal what it does: prompts, starts of command lines, unfinished lines,
 * and the answer to our probe key. Only text; what the records mean is in shell-journal.ts.
 */
import { PROBE_KEY_ESCAPED, quoted } from './shell-quoting.ts';

/** Bash 4.4 brought PS0; macOS still ships 3.2. */
export function bashRc({ directory, login, userRc }: { directory: string; login: boolean; userRc: boolean }): string {
  return `# Written by Pointsman at each launch of this agent.
${
  login
    ? `[ -r /etc/profile ] && . /etc/profile
for __pointsman_file in ~/.bash_profile ~/.bash_login ~/.profile; do [ -r "$__pointsman_file" ] && { . "$__pointsman_file"; break; }; done
unset __pointsman_file
`
    : ''
}${userRc ? '[ -r ~/.bashrc ] && . ~/.bashrc\n' : ''}
__pointsman_dir=${quoted(directory)}
if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404 )); then
  builtin printf '0 unfit bash %s\\n' "\${BASH_VERSION%% *}" >>"$__pointsman_dir/journal"
else

__pointsman_note() {
  local __pointsman_now=\${EPOCHREALTIME-}
  [[ -n $__pointsman_now ]] || builtin printf -v __pointsman_now '%(%s)T' -1
  # Some locales write a comma.
  builtin printf '%s %s\\n' "\${__pointsman_now/,/.}" "$1" >>"$__pointsman_dir/journal"
}

# In a subshell of PS0: the line is read and about to run.
__pointsman_start() {
  set +euxC; umask 077
  local task= nonce= prompt= line=
  IFS=' ' builtin read -r task nonce <"$__pointsman_dir/current"
  if [[ -n $task && ! -e $__pointsman_dir/tasks/$task/started ]]; then
    IFS= builtin read -r -d '' prompt <"$__pointsman_dir/tasks/$task/prompt"
    if [[ \${HISTCMD-} == "\${__pointsman_history-}" ]]; then
      # Kept out of the history, so nothing to compare: a task must rather be counted than run twice.
      line=$prompt
    else
      line=$(HISTTIMEFORMAT= builtin history 1)
      line=\${line#"\${line%%[0-9]*}"}
      line=\${line#"\${line%%[!0-9]*}"}
      line=\${line:2}
    fi
    if [[ $line == "$prompt" ]]; then
      set -C
      if builtin printf '%s\\n' "$nonce" >"$__pointsman_dir/tasks/$task/started"; then
        builtin printf '%s\\n' "$nonce" >|"$__pointsman_dir/running"
        builtin printf '\\e]133;C;%s\\a' "$nonce" >/dev/tty
        __pointsman_note "start $task $nonce"
        return 0
      fi
    fi
  fi
  builtin printf '' >|"$__pointsman_dir/running"
  builtin printf '\\e]133;C\\a' >/dev/tty
  __pointsman_note 'start - -'
}

# From PROMPT_COMMAND, or in a subshell of PS1 when a command has removed that.
__pointsman_prompt() {
  local __pointsman_status=$? __pointsman_nonce= -
  set +euxC
  IFS= builtin read -r __pointsman_nonce <"$__pointsman_dir/running"
  builtin printf '\\e]133;D;%s;%s\\a' "$__pointsman_status" "$__pointsman_nonce" >/dev/tty
  [[ -z $__pointsman_nonce ]] || builtin printf '' >|"$__pointsman_dir/running"
  __pointsman_miss=
  __pointsman_history=\${HISTCMD-}
  __pointsman_install
  __pointsman_note "prompt $__pointsman_status"
  return 0
}

# In a subshell of PS2. No braces there: in the middle of a quote bash does not know them as words of its own.
__pointsman_more() {
  set +euxC
  __pointsman_note more
}

# The probe key: tells what stands on the line, and empties it.
__pointsman_probe() {
  local - __pointsman_line=\${READLINE_LINE-}
  set +euxC
  READLINE_LINE= READLINE_POINT=0
  __pointsman_line=\${__pointsman_line:0:64}
  __pointsman_install
  __pointsman_note "line \${__pointsman_line//[!0-9a-z]/?}"
  return 0
}

# Commands may set PS1, PROMPT_COMMAND …; what remains of the hooks puts the others back.
__pointsman_install() {
  shopt -s promptvars
  # Index 100: an assignment to PROMPT_COMMAND itself changes element 0 only.
  if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501 )); then
    [[ \${PROMPT_COMMAND[100]-} == "$__pointsman_hook" ]] || PROMPT_COMMAND[100]=$__pointsman_hook
  elif [[ \${PROMPT_COMMAND-} != *"$__pointsman_hook"* ]]; then
    PROMPT_COMMAND="$__pointsman_hook\${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
  fi
  # The subscript is arithmetic, and so the only way to set a variable from a prompt.
  [[ \${PS0-} == *__pointsman_start* ]] || PS0='\${__pointsman_none[__pointsman_miss=1,0]-}$({ __pointsman_start; } 2>/dev/null)'"\${PS0-}"
  [[ \${PS1-} == *__pointsman_prompt* ]] || PS1='\${__pointsman_miss:+$({ __pointsman_prompt; } 2>/dev/null)}'"\${PS1-}"
  [[ \${PS2-} == *__pointsman_more* ]] || PS2='$(__pointsman_more 2>/dev/null)'"\${PS2-}"
}

__pointsman_hook='{ __pointsman_prompt; } 2>/dev/null'
__pointsman_miss=
__pointsman_name=
IFS= builtin read -r __pointsman_name <"$__pointsman_dir/name"
readonly __pointsman_dir __pointsman_hook
${userRc ? '' : `PS1='\${__pointsman_name-} \\W $ '\n`}PS2='> '
PS0=
set +H
HISTFILE=$__pointsman_dir/history
bind 'set enable-bracketed-paste on'
bind 'set input-meta on'
bind 'set output-meta on'
bind 'set convert-meta off'
for __pointsman_map in emacs vi-insert vi-command; do
  bind -m "$__pointsman_map" -x '"${PROBE_KEY_ESCAPED}":{ __pointsman_probe; } 2>/dev/null'
done
unset __pointsman_map
__pointsman_install
readonly -f __pointsman_note __pointsman_start __pointsman_prompt __pointsman_more __pointsman_probe __pointsman_install
__pointsman_note "shell $$ bash \${BASH_VERSION%% *}"

fi
`;
}
