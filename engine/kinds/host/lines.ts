import { quoteAlways } from '../shell/client/remote.ts';

/*
 * What is run at the two ends of a copy, in bash with the tools of every Linux and of macOS. Words between the tools
 * and drillbook are lines of `key value`.
 */

const BEGIN = 'set -euo pipefail; export LC_ALL=C; umask 077';

/** The checksums of everything in a folder, or of a file, as one; `missing` where there is nothing. */
export const lookAt = (path: string): string =>
  [
    BEGIN,
    `p=${quoteAlways(path)}; if command -v sha256sum >/dev/null; then s=sha256sum; else s="shasum -a 256"; fi`,
    'if [ ! -e "$p" ] && [ ! -L "$p" ]; then echo "kind missing"; exit; fi',
    'echo "real $(readlink -f -- "$p")"',
    'if [ -f "$p" ]; then echo "kind file"; echo "files 1"; echo "bytes $(wc -c <"$p")"; d=$($s <"$p"); echo "sha256 ${d:0:64}"; exit; fi',
    'if [ ! -d "$p" ]; then echo "kind special"; exit; fi',
    'cd -- "$p"; x=$(find . ! -type f ! -type d ! -type l); if [ -n "$x" ]; then echo "kind special"; echo "name ${x%%$\'\\n\'*}"; exit; fi',
    'echo "kind folder"; echo "files $(find . -type f -exec printf . \';\' | wc -c)"',
    `echo "bytes $(find . -type f -exec wc -c {} + | awk '$2 != "total" {s += $1} END {printf "%.0f", s}')"`,
    `d=$({ find . -type f -exec $s {} +; find . -type d; find . -type l -exec sh -c 'for l; do printf "link %s %s\n" "$l" "$(readlink "$l")"; done' sh {} +; } | sort | $s); echo "sha256 \${d:0:64}"`,
  ].join('\n');

/** The room on the disk that holds this path's folder, in KiB; makes nothing. */
export const roomFor = (path: string): string =>
  [
    BEGIN,
    `p=$(dirname -- ${quoteAlways(path)})`,
    `if [ ! -d "$p" ]; then echo "folder missing"; exit; fi; df -Pk -- "$p" | awk 'NR == 2 {print "room " $4}'`,
  ].join('\n');

/** Writes a file or a folder as an archive to the standard output. */
export const send = (path: string): string =>
  `${BEGIN}\np=${quoteAlways(path)}; exec tar -cf - -C "$(dirname -- "$p")" -- "./$(basename -- "$p")"`;

/** A folder beside the place, for one life of one step: `shared` is the beginning of its name in every life. */
export interface Beside {
  readonly shared: string;
  readonly path: string;
}

/** What earlier lives left is gone; one of them may just be ending. */
const clear = ({ shared }: Beside): string => `rm -rf -- ${quoteAlways(shared)}* 2>/dev/null || true`;

/** Reads it into the new folder. Where a machine went down between two names, what had been there has its own again first. */
export const receive = (beside: Beside, path: string): string =>
  [
    BEGIN,
    `p=${quoteAlways(path)}; for o in ${quoteAlways(beside.shared)}*/.old; do`,
    '  if [ -e "$o" ] && [ ! -e "$p" ]; then mv -- "$o" "$p"; fi; done',
    clear(beside),
    `t=${quoteAlways(beside.path)}; mkdir -- "$t"; exec tar -xpof - -C "$t"`,
  ].join('\n');

export const discard = (beside: Beside): string => `${BEGIN}\n${clear(beside)}`;

/**
 * Gives what was received its name, on disk before; says `taken` where something is there that may not be replaced. What is
 * replaced lies beside until the new one has its name.
 */
export const place = (beside: Beside, name: string, path: string, mayReplace: boolean): string =>
  [
    BEGIN,
    `t=${quoteAlways(beside.path)}; n="$t/"${quoteAlways(name)}; p=${quoteAlways(path)}; sync -- "$n" 2>/dev/null || true`,
    'if [ ! -e "$p" ] && [ ! -L "$p" ]; then',
    // A link is made only where there is nothing, whoever else is just writing there.
    '  if [ -d "$n" ]; then mv -n -- "$n" "$p"; else ln -- "$n" "$p" 2>/dev/null || mv -n -- "$n" "$p"; fi',
    '  if [ -e "$n" ] && [ ! "$n" -ef "$p" ]; then echo taken; else echo placed; fi',
    mayReplace
      ? 'elif [ -d "$n" ] || [ -d "$p" ]; then mv -- "$p" "$t/.old"; mv -- "$n" "$p" || { mv -- "$t/.old" "$p"; exit 1; }; echo placed; else mv -f -- "$n" "$p"; echo placed; fi'
      : 'else echo taken; fi',
    clear(beside),
  ].join('\n');
