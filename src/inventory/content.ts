/**
 * What the files of an inventory say, before it is known which of it counts: groups, hosts, and variables
 * with their places. Owns the shapes, and the words of a refusal.
 */
import type { Diagnostic } from '../core/diagnostic.ts';

/** 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Value {
  /** Undefined: a list or a mapping, or a text of which only a program knows the value. */
  readonly value: string | number | boolean | null | undefined;
  readonly at: Place;
}

export type Variables = Map<string, Value>;

export interface Group {
  readonly name: string;
  readonly hosts: Set<string>;
  readonly children: Map<string, Place>;
  readonly variables: Variables;
}

export class Content {
  readonly groups = new Map<string, Group>();
  /** Variables that stand at a host, of every host, in the order of their first place. */
  readonly hosts = new Map<string, { readonly at: Place; readonly variables: Variables }>();
  readonly mistakes: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];

  group(name: string): Group {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group = {
      name,
      hosts: new Set<string>(),
      children: new Map<string, Place>(),
      variables: new Map(),
    };
    this.groups.set(name, group);
    return group;
  }

  host(name: string, at: Place): Variables {
    const known = this.hosts.get(name);
    if (known !== undefined) return known.variables;
    const variables: Variables = new Map();
    this.hosts.set(name, { at, variables });
    return variables;
  }

  refuse(at: Place, message: string): void {
    this.mistakes.push({ severity: 'error', message, ...at });
  }

  warn(at: Place, message: string): void {
    this.warnings.push({ severity: 'warning', message, ...at });
  }
}

/** The way out for all that has to be run, or opened with a password, to be known. */
export const resolvedElsewhere = (file: string): string =>
  `resolve it with "ansible-inventory -i ${file} --list --yaml > nodes.yaml", and name nodes.yaml here`;
