/** Lines of glusterd's log, as it wrote them on a real host, read as errors with their age. */
import { expect, it } from 'vitest';
import { readLoggedErrors } from '../../../src/node/glusterd-log.ts';

const at = (time: string): number => Date.parse(`2026-11-29T${time}Z`);

it('of an error line the words and the age are read', () => {
  const output = [
    String(at('19:05:10.000')),
    '[2026-11-29 19:05:03.346221 +0000] E [MSGID: 106611] ' +
      '[glusterd-utils.c:2155:glusterd_volume_start_glusterfs] 0-management: ' +
      "All the ports in the range are exhausted, can't start brick /bricks/d1/v for volume v ",
    '[2026-11-29 20:05:04.450415 +0100] E [socket.c:3733:socket_listen] 0-socket.management: ' +
      '__socket_server_bind failed;closing socket 10',
    '',
  ].join('\n');
  expect(readLoggedErrors(output)).toEqual([
    {
      agoMs: 6654,
      text: "All the ports in the range are exhausted, can't start brick /bricks/d1/v for volume v",
    },
    { agoMs: 5550, text: '__socket_server_bind failed;closing socket 10' },
  ]);
});

it.each<readonly [string, string]>([
  ['no log', `${String(at('19:05:10.000'))}\n`],
  ['a line that is cut off', `${String(at('19:05:10.000'))}\n[2026-11-29 19:05:0`],
  ['no clock', 'nonsense\n[2026-11-29 19:05:03.3 +0000] E [a.c:1:f] 0-management: words\n'],
  ['nothing', ''],
])('%s: nothing is read', (_name, output) => {
  expect(readLoggedErrors(output)).toEqual([]);
});
