# SPDX-License-Identifier: Apache-2.0
# fish completion for sockwatch(1). What there is to complete, --help says, so this never goes stale.

function __sockwatch_commands
    sockwatch --help | sed -nE '/^Subcommands:/,/^$/s/^  ([a-z]+) +/\1\t/p'
end

function __sockwatch_command
    set -l commands (__sockwatch_commands | string split -f1 \t)
    for word in (commandline -opc)[2..]
        contains -- $word $commands; and echo $word; and return
    end
end

# One "--option<tab>what it does" a line; what does not fit beside an option stands below it.
function __sockwatch_options
    sockwatch (__sockwatch_command) --help | awk '
        substr($0, 1, 30) ~ /^ +$/ && name { print name "\t" substr($0, 31); name = "" }
        name { print name "\t" text; name = "" }
        match($0, /^  (-.,)?--[a-z.-]+/) { name = substr($0, 1, RLENGTH); sub(/.*--/, "--", name); text = substr($0, 31) }
        END { if (name) print name "\t" text }'
end

function __sockwatch_open_ports
    sockwatch list --no-headers --numeric 2>/dev/null | awk '{ print $3 "\t" $1 }' | sort -nu
end

complete -c sockwatch -f
complete -c sockwatch -n 'test -z "$(__sockwatch_command)"' -a '(__sockwatch_commands)'
complete -c sockwatch -n 'string match -q -- "-*" (commandline -ct)' -a '(__sockwatch_options)'
complete -c sockwatch -n 'test "$(__sockwatch_command)" = explain' -a '(__sockwatch_open_ports)'
complete -c sockwatch -n 'test "$(__sockwatch_command)" = test' -F
complete -c sockwatch -n 'test "$(__sockwatch_command)" = suggest' -a 'systemd nftables'
complete -c sockwatch -l color -x -a 'auto always never'
complete -c sockwatch -l config -r -F
complete -c sockwatch -l replay -r -F
complete -c sockwatch -l output -r -F
complete -c sockwatch -l update -r -F
complete -c sockwatch -l sockets -r -F
complete -c sockwatch -l file -r -F
complete -c sockwatch -l state-dir -x -a '(__fish_complete_directories)'
complete -c sockwatch -l directory -x -a '(__fish_complete_directories)'
complete -c sockwatch -l policy -x -a '(__fish_complete_directories)'
