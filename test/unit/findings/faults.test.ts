/**
 * One fault, one finding: each kind is provoked in an otherwise healthy world, and nothing else may be
 * reported.
 */
import { describe, expect, it } from 'vitest';
import { FINDINGS, findAll, findRisks } from '../../../src/findings/index.ts';
import { FAULTS } from './faults.ts';

describe('a fault', () => {
  it.each(FAULTS.map((f) => [f.code, f.name, f] as const))('%s: %s', (code, _name, fault) => {
    const w = fault.world();
    const found = [...findAll(w.view(), w.desired), ...findRisks(w.view(), w.desired)].filter(
      (f) => f.severity !== 'info' || f.code === code,
    );
    expect(found.map((f) => f.code).sort()).toEqual([code, ...(fault.also ?? [])].sort());
    const [first] = found.filter((f) => f.code === code);
    expect(first?.subject).toBe(fault.subject);
    expect(first?.nodes).toEqual(fault.nodes);
    if (fault.severity !== undefined) expect(first?.severity).toBe(fault.severity);
    expect(first?.message).toMatch(/^\S.*[^.\s]$/);
    expect(first?.evidence.length).toBeGreaterThan(0);
    for (const line of [...(first?.evidence ?? []), first?.message, first?.remedy])
      expect(line).not.toMatch(/undefined|NaN|\[object/);
    for (const text of fault.says ?? [])
      expect([first?.message, ...(first?.evidence ?? []), first?.remedy].join('\n')).toContain(text);
  });

  it('is here for every kind', () => {
    const provoked = new Set(FAULTS.flatMap((f) => [f.code, ...(f.also ?? [])]));
    expect(FINDINGS.map((f) => f.code).filter((code) => !provoked.has(code))).toEqual([]);
  });
});
