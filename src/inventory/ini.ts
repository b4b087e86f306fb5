/**
 * An INI inventory, as Ansible's own reader takes it: sections of hosts, of children, of variables. Refuses a
 * line whose meaning it would have to guess.
 */
import { NODES_MAX } from '../cluster-file/limits.ts';
import { type Content, type Place, resolvedElsewhere, type Variables } from './content.ts';
import { hostsOf } from './host-pattern.ts';
import { isTemplate, literal } from './literal.ts';
import { wordsOf } from './words.ts';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
const KINDS = ['hosts', 'children', 'vars'];

interface Section {
  readonly group: string;
  readonly kind: string;
}

/** Of what has to be declared somewhere in the file. */
interface Needed {
  readonly name: string;
  readonly at: Place;
  readonly why: string;
}

export function readIni(text: string, file: string, content: Content): void {
  let section: Section = { group: 'ungrouped', kind: 'hosts' };
  const declared = new Set(['all', 'ungrouped']);
  const needed: Needed[] = [];
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return;
    const at = { file, line: i + 1, column: raw.length - raw.trimStart().length + 1 };
    if (line.startsWith('[') && line.includes(']') && isSection(line)) {
      const next = sectionOf(line, at, content);
      if (next === undefined) return;
      section = next;
      content.group(section.group);
      if (section.kind === 'vars')
        needed.push({
          name: section.group,
          at,
          why: `has variables for a group "${section.group}" that nobody declares`,
        });
      else declared.add(section.group);
      return;
    }
    if (section.kind === 'hosts') readHosts(raw, at, section.group, content);
    else if (section.kind === 'vars') readVariable(raw, at, content.group(section.group).variables, content);
    else {
      const name = GROUP_NAME.exec(line)?.[1];
      if (name === undefined) content.refuse(at, 'is no name of a group');
      else {
        content.group(section.group).children.set(name, at);
        needed.push({ name, at, why: `names a group "${name}" that nobody declares` });
      }
    }
  });
  for (const { name, at, why } of needed) if (!declared.has(name)) content.refuse(at, why);
}

/** A host may begin with a bracket too: `[a:c]1`, `[2001:db8::1]:22`. */
const isSection = (line: string): boolean => SECTION.test(line) || /^\[[^\]]*\]\s*(#.*)?$/.test(line);

function sectionOf(line: string, at: Place, content: Content): Section | undefined {
  const [, group, kind = 'hosts'] = SECTION.exec(line) ?? [];
  if (group !== undefined && KINDS.includes(kind)) return { group, kind };
  content.refuse(at, 'is no section: write [GROUP], [GROUP:vars] or [GROUP:children]');
  return undefined;
}

function readHosts(raw: string, at: Place, group: string, content: Content): void {
  const words = wordsOf(raw);
  if ('problem' in words) {
    content.refuse({ ...at, column: words.column }, words.problem);
    return;
  }
  const [first, ...rest] = words;
  if (first === undefined) return;
  const hosts = isTemplate(first.text)
    ? `is a template; ${resolvedElsewhere(at.file)}`
    : hostsOf(first.text, NODES_MAX);
  if (typeof hosts === 'string') {
    content.refuse(at, `${JSON.stringify(first.text)} ${hosts}`);
    return;
  }
  const variables: Variables = new Map();
  if (hosts.port !== undefined) variables.set('ansible_port', { value: hosts.port, at });
  for (const { text, column } of rest) {
    const sign = text.indexOf('=');
    const place = { ...at, column };
    if (sign < 1) content.refuse(place, `${JSON.stringify(text)} is no variable: write NAME=VALUE`);
    else variables.set(text.slice(0, sign), { value: literal(text.slice(sign + 1)), at: place });
  }
  for (const name of hosts.names) {
    content.group(group).hosts.add(name);
    const own = content.host(name, at);
    for (const [key, value] of variables) own.set(key, value);
  }
}

function readVariable(raw: string, at: Place, variables: Variables, content: Content): void {
  const sign = raw.indexOf('=');
  const name = raw.slice(0, sign).trim();
  if (sign < 0 || name === '') {
    content.refuse(at, 'is no variable: write NAME=VALUE');
    return;
  }
  variables.set(name, { value: literal(raw.slice(sign + 1).trim()), at });
}
