# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bash completion for sockwatch(1) and sockwatchd(8). What there is to complete, --help says, so this never goes stale.

# Every option of a command line such as `sockwatch list`.
_sockwatch_options() {
  "$@" --help 2>/dev/null | grep -oE '^  (-[a-z],)?--[a-z.-]+' | grep -oE -- '--.*'
}

_sockwatch_commands() {
  sockwatch --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]\+\) .*/\1/p'
}

_sockwatch_open_ports() {
  sockwatch list --no-headers --numeric 2>/dev/null | awk '{ print $3 }' | sort -nu
}

_sockwatch() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local program=$1 command='' word words
  if [[ $program = *sockwatch ]]; then
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
      if _sockwatch_commands | grep -qx -- "$word"; then command=$word && break; fi
    done
  fi
  case $previous in
    --config | --replay | --record | --output | --update | --sockets | --api-socket | --file)
      mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --state-dir | --proc-root | --cgroup-root | --policy | --directory)
      mapfile -t COMPREPLY < <(compgen -d -- "$current") && return ;;
    suggest) words='systemd nftables' ;;
    --color) words='auto always never' ;;
    --log-level) words='debug info warning error' ;;
    explain) words=$(_sockwatch_open_ports) ;;
    *)
      if [[ $command = test && $current != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$current") && return; fi
      words=$(_sockwatch_options "$program" ${command:+"$command"}) ;;
  esac
  if [[ $program = *sockwatch && -z $command ]]; then words+=" $(_sockwatch_commands)"; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -o filenames -F _sockwatch sockwatch sockwatchd
