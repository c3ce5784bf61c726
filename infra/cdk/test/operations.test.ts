/** Whoever is woken by an alarm finds a line about it in the guide. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WORKSPACE } from '../lib/config.ts';
import { readTemplate } from '../lib/template.ts';

const guide = readFileSync(join(WORKSPACE, 'ARCHITECTURE.md'), 'utf8');
const section = guide.split('### When an alarm sounds')[1]!.split('\n### ')[0]!;
/** The first column of its table: names, with `<function>` and the like standing for any. */
const lines = section.split('\n').filter((line) => line.startsWith('| `'));
const names = lines.flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map((it) => it[1]!));

it('every alarm has a line in the guide, and every line an alarm', () => {
  const alarms = Object.values(readTemplate().Resources).filter((it) => it.Type === 'AWS::CloudWatch::Alarm');
  const sounding = alarms.map((it) => (it.Properties.AlarmName as { 'Fn::Sub': string })['Fn::Sub'].replace('millwright-${Stage}-', ''));
  // The canary stands around the template.
  sounding.push('canary');
  const patterns = names.map((name) => new RegExp(`^${name.replace(/<[a-z]+>/, '[a-z-]+')}$`));
  expect(patterns.length).toBeGreaterThan(10);
  for (const alarm of sounding) expect(patterns.some((it) => it.test(alarm)), alarm).toBe(true);
  for (const pattern of patterns) expect(sounding.some((it) => pattern.test(it)), String(pattern)).toBe(true);
});
