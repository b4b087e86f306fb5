/** The meaning of what `ssh -G` prints, where no login can show it. */
import { describe, expect, test } from 'vitest';
import { HostConfig, readConfigText } from '../../../src/ssh/config-text.ts';
import { routeOf, type Route } from '../../../src/ssh/route.ts';
import { expandCommand, expandPath } from '../../../src/ssh/tokens.ts';
import { NO_SSH_SETTINGS } from '../../../src/model/desired.ts';

const LOCAL = {
  user: 'ann',
  uid: 1000,
  home: '/home/ann',
  ownHome: '/tmp/elsewhere',
  hostName: 'desk.example',
  env: { KEYS: '/keys' },
};
const DEFAULTS =
  'connecttimeout none\nserveraliveinterval 0\nserveralivecountmax 3\nstricthostkeychecking ask\n';

const route = (lines: string, settings = NO_SSH_SETTINGS): Route =>
  routeOf('gu1', settings, new HostConfig(readConfigText(lines), readConfigText(DEFAULTS)), LOCAL, 'root');

test('without ssh_config: the built-in defaults', () => {
  expect(routeOf('gu1', NO_SSH_SETTINGS, undefined, LOCAL, 'root')).toMatchObject({
    hostName: 'gu1',
    port: 22,
    user: 'root',
    identity: { only: undefined, files: undefined, isOnlyFiles: false, agent: undefined },
    knownHosts: {
      files: ['/tmp/elsewhere/.ssh/known_hosts'],
      name: 'gu1',
      port: 22,
      isHashed: false,
      checking: 'yes',
    },
    connectTimeoutSeconds: 10,
    keepalive: { intervalMs: 5_000, misses: 4 },
    via: { kind: 'direct' },
    byHand: 'ssh root@gu1 true',
  });
});

describe('a dead connection is found within 25 seconds, sooner where ssh_config says so', () => {
  test.each([
    ['serveraliveinterval 2\nserveralivecountmax 3', 2_000, 3],
    ['serveraliveinterval 5\nserveralivecountmax 4', 5_000, 4],
    ['serveraliveinterval 6\nserveralivecountmax 4', 5_000, 4],
    ['serveraliveinterval 60\nserveralivecountmax 3', 5_000, 4],
    ['serveraliveinterval 0\nserveralivecountmax 3', 5_000, 4],
    ['serveraliveinterval 10\nserveralivecountmax 0', 5_000, 4],
  ])('%j', (lines, intervalMs, misses) => {
    expect(route(lines).keepalive).toEqual({ intervalMs, misses });
  });
});

test.each([
  ['connecttimeout 7', 7],
  ['connecttimeout 0', 10],
  ['connecttimeout none', 10],
  ['connecttimeout 100000', 600],
])('%s', (lines, seconds) => {
  expect(route(lines).connectTimeoutSeconds).toBe(seconds);
});

test.each([
  ['stricthostkeychecking true', 'yes'],
  ['stricthostkeychecking false', 'yes'],
  ['stricthostkeychecking ask', 'yes'],
  ['stricthostkeychecking accept-new', 'accept-new'],
])('%s', (lines, checking) => {
  expect(route(lines).knownHosts.checking).toBe(checking);
});

test('a path of known hosts may hold blanks', () => {
  expect(route('userknownhostsfile /a b/c /d ~/e').knownHosts.files).toEqual(['/a b/c', '/d', '~/e']);
  expect(route('userknownhostsfile none').knownHosts.files).toEqual([]);
});

describe('tokens', () => {
  const tokens = {
    destination: 'gu1',
    hostName: '10.0.0.1',
    hostKeyAlias: undefined,
    port: 2222,
    user: 'alice',
    local: LOCAL,
  };

  test.each([
    ['~/.ssh/%r_%h', '/home/ann/.ssh/alice_10.0.0.1'],
    ['%d/%n.%p.%k.%u.%i', '/home/ann/gu1.2222.gu1.ann.1000'],
    ['%L of %l, 100%%', 'desk of desk.example, 100%'],
    ['${KEYS}/a', '/keys/a'],
    ['${NOBODY}/~/%x', '${NOBODY}/~/%x'],
  ])('%s', (text, expanded) => {
    expect(expandPath(text, tokens)).toBe(expanded);
  });

  test('a command takes names, and nothing that means something to a shell', () => {
    expect(expandCommand('nc %h %p # %r', tokens)).toBe('nc 10.0.0.1 2222 # alice');
    for (const user of ['a;id', '$(id)', 'a b', '-x', 'a`id`', "a'b", 'a\nb'])
      expect(expandCommand('nc %h %p', { ...tokens, user })).toBeUndefined();
    expect(expandCommand('nc %h %p', { ...tokens, hostName: 'x|id' })).toBeUndefined();
  });
});
