/** Which copy of a volume is right: each rule decides somewhere; where two apply, the first one does. */
import { describe, expect, it } from 'vitest';
import { caseOf, chooseCopy, RULES, ruleFor } from '../../../src/findings/shared/choose-copy.ts';
import { volumeName } from '../../../src/model/names.ts';
import { edit, removeTree, volumeId, type World, world } from '../../worlds.ts';
import { addFile, BRICK, bump, INFO, killBrick, markAbsent, replace, setOption } from './case.ts';

interface Example {
  readonly rule: string;
  readonly fault: (w: World) => void;
  readonly choice: object;
  readonly prefer?: string;
}

const unnamed = (w: World): void => {
  w.desired = { ...w.desired, volumes: [] };
};
const lacking = (w: World, ...names: readonly string[]): void => {
  for (const name of names) removeTree(w.node(name), 'vols/v');
};
const copied = (w: World): void => {
  for (const n of w.nodes)
    for (const [path, text] of [...n.files])
      if (path.startsWith('vols/v/')) addFile(n, path.replace('vols/v/', 'vols/copy/'), text);
};
const recreated = (w: World): void => {
  edit(w.node('node03'), INFO, replace(volumeId(1), volumeId(8)));
};
const ahead = (w: World): void => {
  setOption(w.node('node03'), 'user.a', '1');
  bump(w.node('node03'), 9);
};
const bricksKilled = (w: World): void => {
  for (const n of w.nodes) killBrick(n);
};

const EXAMPLES: readonly Example[] = [
  {
    rule: 'one-is-a-copy',
    fault: (w) => {
      unnamed(w);
      copied(w);
    },
    prefer: 'node01',
    choice: { kind: 'ask', flags: [] },
  },
  { rule: 'preferred', fault: ahead, prefer: 'node03', choice: { kind: 'keep', from: 'node03' } },
  {
    rule: 'protected',
    fault: (w) => {
      markAbsent(w);
      for (const node of w.nodes) edit(node, 'vols/v/info', (text) => `${text}user.glusterctl.protect=on\n`);
      lacking(w, 'node03');
    },
    choice: { kind: 'ask' },
  },
  {
    rule: 'half-deleted-in-service',
    fault: (w) => {
      markAbsent(w);
      lacking(w, 'node03');
    },
    choice: { kind: 'ask' },
  },
  {
    rule: 'half-deleted',
    fault: (w) => {
      markAbsent(w);
      lacking(w, 'node03');
      bricksKilled(w);
    },
    choice: { kind: 'delete' },
  },
  { rule: 'marks-of-the-bricks', fault: recreated, choice: { kind: 'keep', from: 'node01' } },
  {
    rule: 'two-volumes',
    fault: (w) => {
      recreated(w);
      Object.assign(w.node('node03').paths.get(BRICK) ?? {}, { volumeId: volumeId(8) });
    },
    choice: { kind: 'ask', flags: ['--prefer volume/v=node01', '--prefer volume/v=node03'] },
  },
  {
    rule: 'restriction-lost',
    fault: (w) => {
      setOption(w.node('node01'), 'auth.allow', '192.0.2.*');
    },
    choice: {
      kind: 'ask',
      question: expect.stringContaining('auth.allow=192.0.2.*') as string,
      flags: ['--prefer volume/v=node02', '--prefer volume/v=node01'],
    },
  },
  {
    rule: 'nearest-to-the-file',
    fault: (w) => {
      ahead(w);
      w.desired = {
        ...w.desired,
        volumes: w.desired.volumes.map((v) => ({ ...v, options: new Map([['user.a', '1']]) })),
      };
    },
    choice: { kind: 'keep', from: 'node03' },
  },
  {
    rule: 'newest-majority',
    fault: (w) => {
      unnamed(w);
      bump(w.node('node02'), 1);
    },
    choice: { kind: 'keep', from: 'node01' },
  },
  { rule: 'majority-under-the-file', fault: ahead, choice: { kind: 'keep', from: 'node01' } },
  {
    rule: 'divided',
    fault: (w) => {
      unnamed(w);
      ahead(w);
    },
    choice: { kind: 'ask', flags: ['--prefer volume/v=node01', '--prefer volume/v=node03'] },
  },
  {
    rule: 'named-in-the-file',
    fault: (w) => {
      lacking(w, 'node01');
    },
    choice: { kind: 'keep', from: 'node02' },
  },
  {
    rule: 'running',
    fault: (w) => {
      unnamed(w);
      lacking(w, 'node02', 'node03');
    },
    choice: { kind: 'keep', from: 'node01' },
  },
  {
    rule: 'started-majority',
    fault: (w) => {
      unnamed(w);
      lacking(w, 'node03');
      bricksKilled(w);
    },
    choice: { kind: 'keep', from: 'node01' },
  },
  {
    rule: 'same-everywhere',
    fault: (w) => {
      unnamed(w);
      for (const node of w.nodes) edit(node, INFO, replace('status=1', 'status=0'));
      bricksKilled(w);
    },
    choice: { kind: 'keep', from: 'node01' },
  },
  {
    rule: 'unnamed',
    fault: (w) => {
      unnamed(w);
      lacking(w, 'node02', 'node03');
      bricksKilled(w);
    },
    choice: { kind: 'ask', flags: ['--prefer volume/v=node01'] },
  },
];

/** A volume that is in the view has a copy. */
const OUT_OF_REACH = ['no-definition'];

describe('the right copy of a volume', () => {
  it.each(EXAMPLES.map((e) => [e.rule, e] as const))('%s', (rule, { fault, prefer, choice }) => {
    const w = world();
    fault(w);
    const view = w.view();
    const volume = view.volumes.get(volumeName('v'));
    if (volume === undefined) throw new Error('no volume');
    const context = {
      view,
      desired: w.desired,
      prefer: new Map(prefer === undefined ? [] : [['v', prefer]]),
    };
    expect(ruleFor(caseOf(context, volume))?.name).toBe(rule);
    expect(chooseCopy(context, volume)).toMatchObject(choice);
  });

  it('has an example for every rule, in the order of the rules', () => {
    const names = RULES.map((rule) => rule.name).filter((name) => !OUT_OF_REACH.includes(name));
    expect(EXAMPLES.map((e) => e.rule)).toEqual(names);
  });
});

describe('a restriction that most copies have lost', () => {
  const chosen = (fault: (w: World) => void): ReturnType<typeof chooseCopy> => {
    const w = world();
    fault(w);
    const view = w.view();
    const volume = view.volumes.get(volumeName('v'));
    if (volume === undefined) throw new Error('no volume');
    return chooseCopy({ view, desired: w.desired, prefer: new Map() }, volume);
  };
  const onOne = (key: string, value: string, w: World): void => {
    setOption(w.node('node01'), key, value);
  };
  const says = (w: World, key: string, value: string): void => {
    w.desired = {
      ...w.desired,
      volumes: w.desired.volumes.map((v) => ({ ...v, options: new Map([[key, value]]) })),
    };
  };

  it.each([
    ['auth.reject', 'evil'],
    ['auth.ssl-allow', 'a,b'],
    ['client.ssl', 'on'],
    ['server.ssl', 'enable'],
    ['features.quota', 'on'],
    ['features.worm', '1'],
    ['server.root-squash', 'true'],
  ])('is asked about: %s', (key, value) => {
    expect(
      chosen((w) => {
        onOne(key, value, w);
      }),
    ).toMatchObject({ kind: 'ask' });
  });

  it('is none where the value restricts nobody, or the option is of another kind', () => {
    for (const [key, value] of [
      ['auth.allow', '*'],
      ['client.ssl', 'off'],
      ['network.ping-timeout', '20'],
    ] as const)
      expect(
        chosen((w) => {
          onOne(key, value, w);
        }),
      ).toMatchObject({ kind: 'keep', from: 'node02' });
  });

  it('is decided by a file that names the option, or that wants no others', () => {
    expect(
      chosen((w) => {
        onOne('auth.allow', '192.0.2.*', w);
        says(w, 'auth.allow', '192.0.2.*');
      }),
    ).toMatchObject({ kind: 'keep', from: 'node01' });
    expect(
      chosen((w) => {
        onOne('auth.allow', '192.0.2.*', w);
        w.desired = {
          ...w.desired,
          volumes: w.desired.volumes.map((v) => ({ ...v, optionsMode: 'exact' })),
        };
      }),
    ).toMatchObject({ kind: 'keep', from: 'node02' });
  });

  it.each([
    ['is silent', {}, 'ask'],
    ['wants no other options', { optionsMode: 'exact' }, 'ask'],
    ['wants the volume gone', { state: 'absent' }, 'ask'],
    ['says protect: true', { protect: true }, 'keep'],
  ] as const)('is the protection too, also where the file %s: %j → %s', (_name, said, kind) => {
    expect(
      chosen((w) => {
        onOne('user.glusterctl.protect', 'on', w);
        w.desired = { ...w.desired, volumes: w.desired.volumes.map((v) => ({ ...v, ...said })) };
      }),
    ).toMatchObject({ kind });
  });

  it('is kept where most have it', () => {
    expect(
      chosen((w) => {
        for (const n of ['node02', 'node03']) setOption(w.node(n), 'auth.allow', '192.0.2.*');
      }),
    ).toMatchObject({ kind: 'keep', from: 'node02' });
  });
});
