/** What glusterd of a node logs as errors. Owns where its log is and how a line is read; changes nothing. */
import { type Script, sh } from '../core/shell.ts';
import type { LoggedError } from '../model/node-link.ts';

const TAIL_BYTES = 256 * 1024;
const LINES_MAX = 100;
export const LOG_TIMEOUT_MS = 10_000;
export const LOG_OUTPUT_MAX_BYTES = 1024 * 1024;

/** The node's clock first: lines have its time. */
export const loggedErrorsScript = (): Script => sh`
date +%s%3N
log=/var/log/glusterfs/glusterd.log
tail -c ${TAIL_BYTES} "$log" 2>/dev/null | grep -a '^\[[^]]*\] E ' | tail -n ${LINES_MAX}
exit 0
`;

/** "[2026-11-29 19:05:03.346221 +0000] E [MSGID: 106611] [file.c:2155:function] 0-management: words". */
const LINE = new RegExp(
  /^\[(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{1,3})\d* ([+-]\d\d)(\d\d)\] E /.source +
    /(?:\[MSGID: \d+\] )?\[[^\]]*\] \S+: (.+)$/.source,
);

/** Other lines are passed over. */
export function readLoggedErrors(output: string): readonly LoggedError[] {
  const [clock = '', ...lines] = output.split('\n');
  const now = Number.parseInt(clock, 10);
  return lines.flatMap((line) => {
    const [, day = '', time = '', hours = '', minutes = '', text = ''] = LINE.exec(line) ?? [];
    const at = Date.parse(`${day}T${time}${hours}:${minutes}`);
    return Number.isFinite(at) && Number.isFinite(now) ? [{ agoMs: now - at, text: text.trim() }] : [];
  });
}
