/** What is fitted to a terminal, and what never is. */
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { fitted } from '../../../src/cli/fitted.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

/** Too long, and with a time. */
const LINE = `${'word '.repeat(30)}2026-01-01T00:00:00.000Z`;

function saidOn(isTty: boolean, command: Command): { readonly out: string; readonly err: string } {
  const said = { out: '', err: '' };
  const session = sessionOn(SimCluster.create({ seed: 1, nodes: [] }), {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  });
  const terminal = { ...session.terminal, outIsTty: isTty, errIsTty: isTty };
  const on = fitted({ ...session, terminal });
  on.onCommand(command);
  on.terminal.out(LINE);
  on.terminal.err(LINE);
  return said;
}

const printing = (name: string, format?: string): Command => {
  const command = new Command(name).option('--format <format>').option('--json');
  if (format !== undefined) command.setOptionValue('format', format);
  return command;
};

describe('a terminal of 80 columns', () => {
  it.each([
    ['plan', 'text', true],
    ['explain', undefined, true],
    ['plan', 'json', false],
    ['doctor', 'markdown', false],
    ['export', undefined, false],
    ['completion', undefined, false],
  ])('%s --format %s is fitted: %s', (name, format, isFitted) => {
    const { out, err } = saidOn(true, printing(name, format));
    expect(out.includes('\n')).toBe(isFitted);
    expect(/\bago\b/.test(out)).toBe(isFitted);
    expect(err).toMatch(/\n[^]*\bago\b/);
  });

  it('is no pipe: there nothing is', () => {
    expect(saidOn(false, printing('plan', 'text'))).toEqual({ out: LINE, err: LINE });
  });
});
