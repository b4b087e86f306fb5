/** What a value in an INI inventory means: as Python reads it, and where Python does not, the text itself. */
import type { Value } from './content.ts';

/** Only Ansible knows what comes out of it. */
export const isTemplate = (text: string): boolean => /\{\{|\{%/.test(text);

export function literal(text: string): Value['value'] {
  const quoted = /^(['"])([^'"\\]*)\1\s*(?:#.*)?$/.exec(text);
  if (quoted !== null) return isTemplate(text) ? undefined : quoted[2];
  const [, bare = ''] = /^([+-]?\d+|True|False|None)\s*(?:#.*)?$/.exec(text) ?? [];
  if (/^[+-]?(0|[1-9]\d*)$/.test(bare)) return Number(bare);
  if (bare === 'True' || bare === 'False') return bare === 'True';
  if (bare === 'None') return null;
  return isTemplate(text) || /^[[({]|^[rbuf]{0,2}['"]/i.test(text) ? undefined : text;
}
