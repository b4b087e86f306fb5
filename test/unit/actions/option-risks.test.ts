/** What a change of an option risks, row by row, and which steps and reasons the plan makes of it. */
import { describe, expect, it } from 'vitest';
import { OPTION_RISKS, riskOfOption } from '../../../src/actions/option-risks.ts';
import { storeRepair } from '../../../src/actions/store-repair.ts';
import { volumeRestore } from '../../../src/actions/volume-restore.ts';
import type { DesiredVolume, Layout } from '../../../src/model/desired.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { compile } from '../../../src/plan/compile.ts';
import { unallowed } from '../../../src/plan/gate.ts';
import { edit, world, type World } from '../../worlds.ts';

const REPLICA_2: Layout = { kind: 'replicate', replica: 2, arbiter: 0 };
const REPLICA_3: Layout = { kind: 'replicate', replica: 3, arbiter: 0 };

/** `-` is an option that is not set; values are separated by ` → `. */
const CHANGES: readonly (readonly [option: string, change: string, risk: string, layout?: Layout])[] = [
  ['features.shard', 'on → off', 'destructive'],
  ['features.shard', 'enable → -', 'destructive'],
  ['features.shard', 'on → true', 'safe'],
  ['features.shard', '- → on', 'safe'],
  ['features.shard', 'off → -', 'safe'],
  ['features.shard-block-size', '64MB → 512MB', 'disruptive'],
  ['features.shard-block-size', '- → 64MB', 'safe'],
  ['features.shard-block-size', '65536KB → 64MB', 'safe'],
  ['auth.allow', '- → 192.0.2.*', 'disruptive'],
  ['auth.allow', '192.0.2.*,10.0.0.1 → 10.0.0.1', 'disruptive'],
  ['auth.allow', '10.0.0.1 → 192.0.2.*,10.0.0.1', 'safe'],
  ['auth.allow', '10.0.0.1 → -', 'safe'],
  ['auth.reject', '- → 10.0.0.9', 'disruptive'],
  ['auth.reject', '10.0.0.9 → -', 'safe'],
  ['cluster.lookup-optimize', 'off → -', 'disruptive'],
  ['cluster.lookup-optimize', 'off → on', 'disruptive'],
  ['cluster.lookup-optimize', '- → off', 'safe'],
  ['cluster.lookup-optimize', '- → on', 'safe'],
  ['cluster.quorum-type', 'auto → none', 'disruptive'],
  ['cluster.quorum-type', 'auto → fixed', 'disruptive'],
  ['cluster.quorum-type', 'auto → -', 'safe', REPLICA_3],
  ['cluster.quorum-type', 'auto → -', 'disruptive', REPLICA_2],
  ['cluster.quorum-type', '- → none', 'disruptive', REPLICA_3],
  ['cluster.quorum-type', 'none → auto', 'safe'],
  ['cluster.quorum-count', '2 → 1', 'disruptive'],
  ['cluster.quorum-count', '2 → -', 'disruptive'],
  ['cluster.quorum-count', '1 → 2', 'safe'],
  ['cluster.self-heal-daemon', '- → disable', 'disruptive'],
  ['features.read-only', 'on → -', 'disruptive'],
  ['server.ssl', '- → on', 'disruptive'],
  ['storage.owner-uid', '36 → -', 'disruptive'],
  ['network.ping-timeout', '20 → -', 'safe'],
  ['user.note', 'a → b', 'safe'],
];

describe('a change of an option', () => {
  it.each(CHANGES.map((c) => [`${c[0]}: ${c[1]} is ${c[2]}`, c] as const))('%s', (_name, row) => {
    const [option, change, risk, layout = REPLICA_3] = row;
    const [before = '-', after = '-'] = change.split(' → ');
    const options = new Map(before === '-' ? [] : [[option, before]]);
    const found = riskOfOption({ options, layout }, option, after === '-' ? undefined : after);
    expect(found?.risk ?? 'safe').toBe(risk);
  });

  it('is found in a table: one row an option, in the order of the alphabet, each with a reason', () => {
    const names = OPTION_RISKS.map((row) => row.option);
    expect(names).toEqual([...new Set(names)].sort());
    for (const { option, why } of OPTION_RISKS) {
      expect(option).toMatch(/^[a-z]+\.[a-z-]+$/);
      expect(why).toMatch(/^[a-z].{10,100}[^.]$/);
    }
  });
});

describe('a plan', () => {
  const VIRT = {
    'features.shard': 'on',
    'network.ping-timeout': '20',
    'server.ssl': 'on',
    'user.cifs': 'off',
  };
  const planOf = (w: World, change: Partial<DesiredVolume>): Plan => {
    const volumes = w.desired.volumes.map((v) => ({ ...v, ...change }));
    return compile({ ...w.desired, volumes }, w.view()).plan;
  };

  it('shows each reset of exact mode that risks something as a step of its own, with its reason', () => {
    const w = world({ volumes: [{ name: 'v', options: VIRT }] });
    const plan = planOf(w, { options: new Map(), optionsMode: 'exact' });
    expect(plan.steps.map((s) => [s.id, s.args, s.risk])).toEqual([
      ['volume-options:v', { volume: 'v', set: {}, reset: ['network.ping-timeout'] }, 'safe'],
      ['volume-options:v/features.shard', { volume: 'v', set: {}, reset: ['features.shard'] }, 'destructive'],
      ['volume-options:v/server.ssl', { volume: 'v', set: {}, reset: ['server.ssl'] }, 'disruptive'],
    ]);
    expect(plan.steps[1]?.reason).toContain('features.shard turned off: files larger than a shard');
    expect(unallowed(plan, w.view(), []).map((u) => u.subject)).toEqual(['volume/v']);
    expect(unallowed(plan, w.view(), ['volume/v'])).toEqual([]);
  });

  it('leaves what gluster cannot reset, and says so', () => {
    const w = world({ volumes: [{ name: 'v', options: { 'user.note': 'on' } }] });
    const plan = planOf(w, { options: new Map(), optionsMode: 'exact' });
    expect(plan).toMatchObject({ changes: false, steps: [], diffs: [] });
    expect(plan.findings.map((f) => [f.code, f.severity])).toEqual([['option-not-removable', 'info']]);
  });

  it('takes a new user.* option back by the before-image alone, and says so', () => {
    const w = world({ volumes: [{ name: 'v', options: { 'user.old': 'a' } }] });
    const saidOf = (options: Record<string, string>): unknown =>
      planOf(w, { options: new Map(Object.entries(options)) }).steps.map((s) => [s.undo, s.risk, s.reason]);
    const why = 'options differ from the file';
    expect(saidOf({ 'user.new': 'b' })).toEqual([
      [null, 'safe', `${why}; gluster has no command that takes user.new away again`],
    ]);
    expect(saidOf({ 'user.old': 'b' })).toEqual([['restore the previous value: user.old', 'safe', why]]);
  });

  it('has one step for the options of a volume that is new', () => {
    const w = world({ volumes: [{ name: 'v' }] });
    w.desired = {
      ...w.desired,
      volumes: w.desired.volumes.flatMap((v) => [
        v,
        {
          ...v,
          name: 'w' as typeof v.name,
          options: new Map([
            ['storage.owner-uid', '36'],
            ['user.note', 'x'],
          ]),
        },
      ]),
    };
    const steps = planOf(w, {}).steps.filter((s) => s.action === 'volume-options');
    expect(steps.map((s) => [s.id, s.risk])).toEqual([['volume-options:w', 'safe']]);
    expect(steps[0]?.undo).toContain('restore');
  });
});

describe('an action that replaces a definition', () => {
  const w = world({ volumes: [{ name: 'v', options: { 'features.shard': 'on' } }] });
  edit(w.node('node02'), 'vols/v/info', (text) => text.replace('features.shard=on\n', ''));
  const SHARD = [expect.objectContaining({ risk: 'destructive', subject: 'volume/v' })];

  it('is as risky as the options that it changes: a repair of a store', () => {
    const copy = (from: string) => [{ kind: 'copy-volume', volume: 'v', from } as const];
    expect(storeRepair.risks({ nodes: { node01: copy('node02') } }, w.view())).toEqual(SHARD);
    expect(storeRepair.risks({ nodes: { node02: copy('node01') } }, w.view())).toEqual([]);
  });

  it('shows that a protection goes with the copy that had it', () => {
    const kept = world({ volumes: [{ name: 'v', options: { 'user.glusterctl.protect': 'on' } }] });
    edit(kept.node('node02'), 'vols/v/info', (text) => text.replace('protect=on', 'protect=off'));
    const copy = (from: string) => [{ kind: 'copy-volume', volume: 'v', from } as const];
    expect(storeRepair.risks({ nodes: { node01: copy('node02') } }, kept.view())).toEqual([
      { risk: 'disruptive', subject: 'volume/v', why: 'volume v is no longer protected' },
    ]);
    expect(storeRepair.risks({ nodes: { node02: copy('node01') } }, kept.view())).toEqual([]);
  });

  it('is as risky as the options that it changes: a restore', () => {
    const restore = (options: Record<string, string>): unknown =>
      volumeRestore.risks(
        {
          transaction: 't',
          nodes: ['node01'],
          volumes: { v: { id: '', content: '', isStarted: true, bricks: [], options } },
        },
        w.view(),
      );
    expect(restore({})).toEqual(SHARD);
    expect(restore({ 'features.shard': 'enable' })).toEqual([]);
  });
});
