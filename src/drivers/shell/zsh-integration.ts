/** The .zshrc that makes a zsh write the same journal as bash-integration.ts does. Only text. */
import { PROBE_KEY_ESCAPED, quoted } from './shell-quoting.ts';

export function zshRc({
  directory,
  login,
  userRc,
  userZdotdir,
}: {
  directory: string;
  login: boolean;
  userRc: boolean;
  userZdotdir: string | undefined;
}): string {
  const home = userZdotdir === undefined ? '"$HOME"' : quoted(userZdotdir);
  const source = (name: string): string => `[[ -r ${home}/${name} ]] && . ${home}/${name}\n`;
  return `# Written by Pointsman at each launch of this agent.
# A zsh started by hand inside this one must not find these files.
${userZdotdir === undefined ? 'unset ZDOTDIR' : `ZDOTDIR=${quoted(userZdotdir)}`}
${login ? source('.zprofile') : ''}${userRc ? source('.zshrc') : ''}
typeset -gr __pointsman_dir=${quoted(directory)}
typeset -g __pointsman_name=
IFS= read -r __pointsman_name <"$__pointsman_dir/name"
zmodload zsh/datetime

__pointsman_note() {
  builtin print -r -- "$EPOCHREALTIME $1" >>"$__pointsman_dir/journal"
}

__pointsman_start() {
  emulate -L zsh
  local task= nonce= prompt= line=$1
  { IFS=' ' builtin read -r task nonce <"$__pointsman_dir/current" } 2>/dev/null
  if [[ -n $task && ! -e $__pointsman_dir/tasks/$task/started ]]; then
    IFS= builtin read -r -d '' prompt <"$__pointsman_dir/tasks/$task/prompt"
    # No text: kept out of the history, so nothing to compare. A task must rather be counted than run twice.
    if [[ -z $line || $line == "$prompt" ]]; then
      setopt noclobber
      if { ( umask 077; builtin print -r -- "$nonce" >"$__pointsman_dir/tasks/$task/started" ) } 2>/dev/null; then
        builtin print -r -- "$nonce" >|"$__pointsman_dir/running"
        builtin printf '\\e]133;C;%s\\a' "$nonce" >/dev/tty
        __pointsman_note "start $task $nonce"
        return 0
      fi
    fi
  fi
  builtin printf '' >|"$__pointsman_dir/running"
  builtin printf '\\e]133;C\\a' >/dev/tty
  __pointsman_note 'start - -'
} 2>/dev/null

__pointsman_prompt() {
  local __pointsman_status=$?
  emulate -L zsh
  local nonce=
  IFS= builtin read -r nonce <"$__pointsman_dir/running"
  builtin printf '\\e]133;D;%s;%s\\a' "$__pointsman_status" "$nonce" >/dev/tty
  [[ -z $nonce ]] || builtin printf '' >|"$__pointsman_dir/running"
  __pointsman_install
  __pointsman_note "prompt $__pointsman_status"
} 2>/dev/null

__pointsman_probe() {
  emulate -L zsh
  local line=\${BUFFER[1,64]}
  BUFFER= CURSOR=0
  __pointsman_install
  [[ $CONTEXT != cont ]] || __pointsman_note more
  __pointsman_note "line \${line//[^0-9a-z]/?}"
} 2>/dev/null

__pointsman_install() {
  # First, so that what other hooks return is not taken for the command's status.
  [[ \${precmd_functions[1]-} == __pointsman_prompt ]] || precmd_functions=(__pointsman_prompt \${precmd_functions:#__pointsman_prompt})
  [[ \${preexec_functions[(r)__pointsman_start]-} == __pointsman_start ]] || preexec_functions+=(__pointsman_start)
  [[ $PROMPT2 == *__pointsman_note* ]] || PROMPT2='%{$(__pointsman_note more)%}> '
}

setopt promptsubst interactivecomments nobanghist nopromptsp
typeset -ga precmd_functions preexec_functions
${userRc ? '' : `PROMPT='\${__pointsman_name} %1~ $ '\n`}HISTFILE=$__pointsman_dir/history
zle -N __pointsman_probe
for __pointsman_map in emacs viins vicmd; do
  bindkey -M $__pointsman_map '${PROBE_KEY_ESCAPED}' __pointsman_probe
done
unset __pointsman_map
__pointsman_install
__pointsman_note "shell $$ zsh $ZSH_VERSION"
`;
}
