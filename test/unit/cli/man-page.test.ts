/** The manual page has every command and every flag, in a form that troff takes for text. */
import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { manual, program } from '../../../src/cli/program.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const silent = { out: () => undefined, err: () => undefined };
const root = program(sessionOn(SimCluster.create({ seed: 1, nodes: [] }), silent), '1.2.3');
const page = manual('1.2.3');
const text = page.replaceAll('\\-', '-').replaceAll('\\e', '\\').replaceAll('\\&', '');
const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

describe('the manual page', () => {
  it.each(leaves(root).map((command) => [command.name(), command] as const))(
    'has %s, and its flags',
    (_name, command) => {
      expect(text).toContain(command.description());
      for (const option of command.options) expect(text).toContain(`.B ${option.flags}\n`);
    },
  );

  it('has the version, and lines that are requests only where it means them', () => {
    expect(page).toContain('.TH GLUSTERCTL 1 "" "glusterctl 1.2.3"');
    const requests = new Set(page.split('\n').flatMap((line) => /^[.'](\S+)/.exec(line)?.[1] ?? []));
    expect([...requests].sort()).toEqual(['B', 'I', 'PP', 'SH', 'SS', 'TH', 'TP', 'br', 'fi', 'nf']);
  });

  const groff = spawnSync('groff', ['--version']).status === 0;
  it.skipIf(!groff)('is set without a warning (skipped where groff is not installed)', () => {
    const { status, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww'], {
      input: page,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});
