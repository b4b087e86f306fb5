/**
 * One fault, one finding: each kind is provoked in an otherwise healthy world. Nothing else may be reported,
 * and the plan of `recover` is the one that the case names. Cases are the files of cases/, named by code.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDINGS, findAll, findRisks } from '../../../src/findings/index.ts';
import { compileRecovery } from '../../../src/plan/recover.ts';
import type { FindingCase } from './case.ts';

interface CaseFile {
  readonly CASES: readonly FindingCase[];
}

const folder = new URL('cases/', import.meta.url);

const FAULTS = (
  await Promise.all(
    readdirSync(folder).map(async (file) => {
      const { CASES } = (await import(new URL(file, folder).href)) as CaseFile;
      return CASES.map((fault) => ({ ...fault, code: file.replace(/\.ts$/, '') }));
    }),
  )
).flat();

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
    if (fault.recovery !== undefined) expect(recoverySteps(fault)).toEqual(fault.recovery);
  });

  it('is here for every kind', () => {
    const provoked = new Set(FAULTS.flatMap((f) => [f.code, ...(f.also ?? [])]));
    expect(FINDINGS.map((f) => f.code).filter((code) => !provoked.has(code))).toEqual([]);
  });

  it('is one of the kinds', () => {
    const known = new Set(FINDINGS.map((f) => f.code));
    expect(FAULTS.map((f) => f.code).filter((code) => !known.has(code))).toEqual([]);
  });

  it('is repaired in some case of every kind that has a repair', () => {
    const repaired = new Set(FAULTS.filter((f) => (f.recovery ?? []).length > 0).map((f) => f.code));
    const kinds = FINDINGS.filter((f) => f.repair !== undefined).map((f) => f.code);
    expect(kinds.filter((code) => !repaired.has(code))).toEqual([]);
  });
});

function recoverySteps({ world }: FindingCase): readonly string[] {
  const w = world();
  const { plan } = compileRecovery({ view: w.view(), desired: w.desired, prefer: new Map() });
  return plan.steps.map((s) => s.summary);
}
