// The golden files all end in .txt: a formatter that knows markdown and JSON would rewrite what is compared
// byte by byte.
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan.ts';
import { planJson } from '../../../src/report/json/plan-json.ts';
import { planMarkdown } from '../../../src/report/markdown/plan-markdown.ts';
import { planText } from '../../../src/report/text/plan-text.ts';
import type { PlanUse } from '../../../src/report/text/plan-words.ts';
import { emptyPlan, error, hostilePlan, keysOf, plan } from './sample.ts';

const CONTROL = /[\p{Cc}\p{Cf}]/u;
const withoutNewlines = (text: string): string => text.replaceAll('\n', '');

test('the plan as text', async () => {
  await expect(planText(plan, { colour: false })).toMatchFileSnapshot('__snapshots__/plan.txt');
});

test('the plan as text with everything', async () => {
  await expect(planText(plan, { colour: false, verbose: true })).toMatchFileSnapshot(
    '__snapshots__/plan-verbose.txt',
  );
});

test('the plan as markdown', async () => {
  await expect(planMarkdown(plan)).toMatchFileSnapshot('__snapshots__/plan-markdown.txt');
});

test('the plan as JSON', async () => {
  await expect(planJson(plan)).toMatchFileSnapshot('__snapshots__/plan-json.txt');
});

test('JSON has the promised keys in order and nothing that a step was given', () => {
  const text = planJson(plan);
  const value: unknown = JSON.parse(text);
  expect(keysOf(value)).toEqual(['formatVersion', 'cluster', 'changes', 'findings', 'steps', 'diffs']);
  expect(text).not.toMatch(/args|hunter2|basis|secret/);
});

test('a plan without changes says so in one line', () => {
  expect(planText(emptyPlan, { colour: false })).toBe(
    'Plan for cluster mode\n\nNo changes. The cluster is as the file says.\n',
  );
});

test('errors that no step repairs are not called "no changes"', () => {
  const text = planText({ ...emptyPlan, findings: [error] }, { colour: false });
  expect(text).toContain('No steps to take, but 1 error to resolve. Nothing has been changed.');
  expect(text).toContain('apply would change nothing');
});

describe('what runs', () => {
  const running = ['node01: files of volume data are moved'];
  const text = (more: Partial<Plan>, use: PlanUse = {}): string =>
    planText({ ...emptyPlan, running, ...more }, { colour: false, ...use });

  test('is named, and the cluster is not yet as the file says', () => {
    expect(text({})).toBe(
      'Plan for cluster mode\n\nRunning:\n\n  node01: files of volume data are moved\n\n' +
        'No changes now: the cluster is as the file says when this is over.\n' +
        '"glusterctl apply" waits for it.\n',
    );
    expect(planMarkdown({ ...emptyPlan, running })).toContain(
      '> Running: node01: files of volume data are moved',
    );
    expect(JSON.parse(planJson({ ...emptyPlan, running }))).toMatchObject({ changes: false, running });
  });

  test.each([
    [{ wait: 'none' }, '"glusterctl apply --no-wait" leaves it to go on.'],
    [{ wait: '15 min' }, '"glusterctl apply" waits for it, at most 15 min.'],
  ])('is waited for as the flags say: %j', (use, sentence) => {
    expect(text({}, use)).toContain(sentence);
    expect(planMarkdown({ ...emptyPlan, running }, use)).toContain(sentence);
  });

  test('comes before what follows', () => {
    expect(text({ later: plan.steps })).toMatch(/^Plan: nothing while this runs, then \d+ steps?, on /m);
  });
});

test('a change that shows its plan does not say that nothing has been changed', () => {
  for (const each of [plan, { ...emptyPlan, findings: [error] }, { ...emptyPlan, later: plan.steps }]) {
    expect(planText(each, { colour: false })).toContain('Nothing has been changed.');
    expect(planText(each, { colour: false, isOfChange: true })).not.toContain('has been changed');
  }
});

test('colour adds escapes and nothing else', () => {
  const coloured = planText(plan, { colour: true });
  expect(coloured).toContain('\u001b[32m+  network.ping-timeout: 20\u001b[39m');
  expect(coloured).toContain('\u001b[31m!!\u001b[39m');
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(planText(plan, { colour: false }));
});

test('hostile text reaches neither terminal nor pull request', () => {
  const text = planText(hostilePlan, { colour: false, verbose: true });
  expect(withoutNewlines(text)).not.toMatch(CONTROL);
  expect(text).toContain('x\\x1b[2J\\x1b]0;owned\\x07\\r\\nerror: fake\\u{202e}gnp.exe\\x9b31m');
  expect(text.split('\n').filter((line) => line.startsWith('error: fake'))).toEqual([]);
  const markdown = planMarkdown(hostilePlan);
  expect(withoutNewlines(markdown).replaceAll(/[⚠️ℹ️❌]/gu, '')).not.toMatch(CONTROL);
  expect(markdown).toContain('````diff');
});

test('hostile text in JSON is escaped and read back unchanged', () => {
  const text = planJson(hostilePlan);
  expect(withoutNewlines(text)).not.toMatch(CONTROL);
  expect(JSON.parse(text)).toMatchObject({ cluster: hostilePlan.cluster });
});

test('mentions, links and markup of others stay plain in a comment', () => {
  const message = '@team see #12 <img src=x> [a](http://b) **c** | `d`';
  const text = planMarkdown({ ...emptyPlan, findings: [{ ...error, message }] });
  expect(text).toContain(
    '@<!-- -->team see #<!-- -->12 &lt;img src=x&gt; \\[a\\](http:<!-- -->//b) \\*\\*c\\*\\* \\| \\`d\\`',
  );
});

test('a comment stays below its limit and says what was cut', () => {
  const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
  const [first] = plan.steps;
  const text = planMarkdown({
    ...plan,
    findings: many(500, () => ({ ...error, evidence: many(500, (i) => `line ${String(i)}`) })),
    steps:
      first === undefined ? [] : many(500, (i) => ({ ...first, id: String(i), summary: 'x'.repeat(5000) })),
    diffs: many(50, (i) => ({
      subject: `volume/${String(i)}`,
      before: '',
      after: 'option: value\n'.repeat(5000),
    })),
  });
  expect(new TextEncoder().encode(text).length).toBeLessThan(60_000);
  expect(text).toMatch(/more findings cut for length/);
  expect(text).toMatch(/more steps cut for length/);
  expect(text).toMatch(/more lines cut for length/);
  expect(text).toMatch(/more changed subjects cut for length/);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
});

test('new and removed subjects show no line numbers and no note about the last newline', () => {
  const text = planText(plan, { colour: false });
  expect(text).not.toContain('No newline');
  expect(text).toContain('  volume/old (removed)\n    -state: stopped\n');
});
