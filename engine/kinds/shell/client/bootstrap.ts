import { quote } from '../../context/quote.ts';

/** Of `sudo`: the account's home is `~`, and a password is never asked for. An empty name: root. */
export const asUser = (sudo: string | undefined): string =>
  sudo === undefined ? '' : `sudo -n -H ${sudo === '' ? '' : `-u ${quote(sudo)} `}-- `;

/** The folder of the user that logged in may be closed to the account that sudo changes to. */
export const ENTER_FOLDER = 'cd -- "${PWD:-/nowhere}" 2>/dev/null || cd -- ~ 2>/dev/null || cd /';

/** What the bootstrap writes at the beginning of each of its own lines, in two pieces for `printf '%s%s'`. */
export interface Mark {
  readonly pieces: readonly [string, string];
  /** Goes into the variables of all that the script starts, so that what leaves its group is found; absent: nothing is looked for. */
  readonly variable?: string;
}

/**
 * Lines of bash that say "ready", run the lines that come then on the first line of the input, encoded, as a process
 * group of its own, say how that ended, and end what it left behind in its group. Held by no pipe: it waits for
 * the process and not for its output.
 */
export function bootstrap({ pieces, variable }: Mark, sudo: string | undefined): string {
  const say = (record: string): string => `printf '%s%s %s>\n' '${pieces[0]}' '${pieces[1]}' ${record}`;
  return [
    ...(sudo === undefined ? [] : [ENTER_FOLDER]),
    `${say('ready')} >&2`,
    'IFS= read -r payload || exit 254',
    'exec 4>&2 2>/dev/null; set -m',
    ...(variable === undefined ? [] : [`export DRILLBOOK_MARK=${variable}`]),
    `${say('begin')} >&4; ${say('begin')}`,
    '( exec 2>&4 4>&-; set +m; eval "$(printf %s "$payload" | base64 -d)" ) & p=$!',
    `unset DRILLBOOK_MARK; ${say('"pid $p"')} >&4`,
    'wait "$p"; c=$?',
    // What it left running may write on for a second, as on the machine of drillbook itself.
    'n=0; while kill -0 -- "-$p" && [ "$n" -lt 10 ]; do sleep 0.1; n=$((n+1)); done',
    // Those that are ended may still be there when the others are looked for: they are told of once.
    'k=" "; if kill -0 -- "-$p"; then while read -r i g s a; do',
    `  if [ "$g" = "$p" ] && [ "\${s:0:1}" != Z ]; then k="$k$i "; ${say('"left $i ended ${a:0:200}"')} >&4; fi`,
    '  done < <(ps -A -ww -o pid=,pgid=,state=,args=); kill -KILL -- "-$p"; fi',
    ...(variable === undefined
      ? []
      : [
          `for e in $(grep -lsa DRILLBOOK_MARK=${variable} /proc/[0-9]*/environ); do i=\${e#/proc/}; i=\${i%/environ}`,
          '  [[ $k != *" $i "* ]] || continue',
          '  read -r s a < <(ps -ww -o state=,args= -p "$i") && [ "${s:0:1}" != Z ] || continue',
          `  ${say('"left $i running ${a:0:200}"')} >&4; done`,
        ]),
    `${say('"end $c"')} >&4; ${say('end')}; exit "$c"`,
  ].join('\n');
}
