/**
 * An identity is given back to a machine that shows by itself whose it was, or for which a person vouches.
 * That others list a uuid under its name shows nothing: another machine may have the name by now.
 */
import { describe, expect, it } from 'vitest';
import { compileRecovery, type Recovery } from '../../../src/plan/recover.ts';
import { believe, brickProcess, edit, nodeUuid, type World, world, type WorldNode } from '../../worlds.ts';
import { addFile, BRICK, killBrick, OLD_UUID, replace, wipe } from './case.ts';

const NEW = OLD_UUID;
const OLD = nodeUuid(2);

/** node02, installed again or another machine: an empty store, a new uuid, empty disks. */
function reinstalled(change: (n: WorldNode) => void = () => undefined): World {
  const w = world();
  const n = w.node('node02');
  wipe(n);
  killBrick(n);
  edit(n, 'glusterd.info', replace(OLD, NEW));
  believe(n, (s) => ({ ...s, uuid: undefined }));
  Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: undefined, gfid: false, entries: [] });
  change(n);
  return w;
}

const recovered = (w: World, prefer: Record<string, string> = {}): Recovery =>
  compileRecovery({ view: w.view(), desired: w.desired, prefer: new Map(Object.entries(prefer)) });

const marked = (n: WorldNode, volumeId: string | undefined): void => {
  Object.assign(n.paths.get(BRICK) ?? {}, { volumeId });
};
const idOfV = world().view().volumes.values().next().value?.best.id;

const serving = (n: WorldNode, uuid: string): void => {
  const brick = brickProcess({ volume: 'v', host: 'node02', path: BRICK, port: 50001, pid: 1999 });
  n.processes.push({ ...brick, argv: [...brick.argv, '--xlator-option', `*-posix.glusterd-uuid=${uuid}`] });
};

describe('the identity is given back', () => {
  it.each<[string, (n: WorldNode) => void]>([
    [
      'a brick with the mark of its volume',
      (n) => {
        marked(n, idOfV);
      },
    ],
    [
      'a running brick of that uuid',
      (n) => {
        serving(n, OLD);
      },
    ],
    [
      'its glusterd, which remembers',
      (n) => {
        believe(n, (s) => ({ ...s, uuid: OLD }));
      },
    ],
  ])('where the node has %s', (_name, change) => {
    const { plan, questions } = recovered(reinstalled(change));
    expect(questions).toEqual([]);
    expect(plan.steps.map((s) => s.summary).join()).toContain(
      'on node02, glusterd stopped: write glusterd.info',
    );
  });

  it('where a person vouches for the machine', () => {
    const { plan, questions } = recovered(reinstalled(), { 'node/node02': OLD });
    expect(questions).toEqual([]);
    expect(plan.steps).toHaveLength(1);
  });

  it('without a question where the node has its uuid still', () => {
    const w = world();
    wipe(w.node('node02'));
    marked(w.node('node02'), undefined);
    expect(recovered(w)).toMatchObject({ questions: [], plan: { steps: [{ nodes: ['node02'] }] } });
  });
});

describe('a person is asked, and nothing is done', () => {
  it.each<[string, (n: WorldNode) => void, Record<string, string>]>([
    ['its disks are empty', () => undefined, {}],
    [
      'its brick has the mark of another volume',
      (n) => {
        marked(n, NEW);
      },
      {},
    ],
    [
      'its brick could not be read',
      (n) => {
        n.unreadPaths.set(BRICK, 'Input/output error');
      },
      {},
    ],
    [
      'a brick runs there with another uuid',
      (n) => {
        serving(n, NEW);
      },
      {},
    ],
    ['a person names a uuid that nobody knows', () => undefined, { 'node/node02': nodeUuid(7) }],
    ['a person vouches for another node', () => undefined, { 'node/node03': OLD }],
  ])('where %s', (_name, change, prefer) => {
    const { plan, questions } = recovered(reinstalled(change), prefer);
    expect(plan.steps).toEqual([]);
    expect(questions).toMatchObject([{ subject: 'node/node02', flags: [`--prefer node/node02=${OLD}`] }]);
  });

  it('where the others know it by two uuids, of which it has one', () => {
    const w = reinstalled((n) => {
      marked(n, idOfV);
    });
    const other = w.node('node03');
    other.files.delete(`peers/${OLD}`);
    addFile(other, `peers/${NEW}`, `uuid=${NEW}\nstate=3\nhostname1=node02\n`);
    const { questions } = recovered(w);
    expect(questions.flatMap((q) => [...q.flags]).sort()).toEqual(
      [`--prefer node/node02=${OLD}`, `--prefer node/node02=${NEW}`].sort(),
    );
    expect(recovered(w, { 'node/node02': NEW }).questions).toEqual([]);
  });
});
