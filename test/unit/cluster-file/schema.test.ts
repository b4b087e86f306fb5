import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clusterSchema } from '../../../src/cluster-file/schema.ts';
import { desiredOf, saidOf } from './example.ts';

const root = new URL('../../../', import.meta.url);

/** After a change to the schema: `npx vitest run … test/unit/cluster-file/schema.test.ts -u`. */
test('schemas/cluster.schema.json is what the source says', async () => {
  const text = `${JSON.stringify(clusterSchema, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(new URL('schemas/cluster.schema.json', root).pathname);
});

describe('playbooks', () => {
  const names = readdirSync(new URL('playbooks/', root)).filter((name) => name.endsWith('.yaml'));
  const read = (name: string) => readFileSync(new URL(`playbooks/${name}`, root), 'utf8');

  test('are there', () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
  });
  test.each(names)('%s is valid, without warnings, and names its schema and itself', (name) => {
    const text = read(name);
    expect(saidOf(text)).toEqual([]);
    expect(desiredOf(text).cluster).toBe(name.replace('.yaml', ''));
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/cluster.schema.json');
  });
  test('many-volumes.yaml: anchors give what they promise', () => {
    const [projects, mail, old] = desiredOf(read('many-volumes.yaml')).volumes;
    expect(projects?.layout).toEqual({ kind: 'replicate', replica: 3, arbiter: 1 });
    expect([...(projects?.options ?? [])].sort()).toEqual([
      ['network.ping-timeout', '20'],
      ['performance.cache-size', '1GB'],
    ]);
    expect(mail?.options.get('performance.cache-size')).toBe('256MB');
    expect(mail?.protect).toBe(true);
    expect(old).toMatchObject({ state: 'absent', layout: { kind: 'distribute' }, bricks: [] });
  });
});
