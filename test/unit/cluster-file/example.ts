/** A small valid cluster file, and how tests of `cluster-file` load it and change it. */
import { formatDiagnostic } from '../../../src/core/diagnostic.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { loadDesired, type LoadContext, type Loaded } from '../../../src/cluster-file/load.ts';

export const context: LoadContext = { home: '/home/ann', directory: '/etc/gluster' };

export const load = (text: string, more: Partial<LoadContext> = {}): Loaded =>
  loadDesired(text, 'c.yaml', { ...context, ...more });

/** `line:column: message` of every error, or of every warning if there is no error. */
export function saidOf(text: string): string[] {
  const loaded = load(text);
  const said = loaded.ok ? loaded.warnings : loaded.error;
  return said.map((diagnostic) => formatDiagnostic(diagnostic).replace(/^c\.yaml:/, ''));
}

export function desiredOf(text: string, more: Partial<LoadContext> = {}): Desired {
  const loaded = load(text, more);
  if (!loaded.ok) throw new Error(loaded.error.map(formatDiagnostic).join('\n'));
  return loaded.value;
}

/** Three nodes in lines 1 and 2, then the text under test from line 3 on. */
export const withNodes = (rest: string): string => `cluster: c\nnodes: { n1: {}, n2: {}, n3: {} }\n${rest}`;

/** One volume `v` whose body begins in line 5, at column 5. */
export const withVolume = (body: string): string =>
  withNodes(`volumes:\n  v:\n${body.replaceAll(/^/gm, '    ')}`);
