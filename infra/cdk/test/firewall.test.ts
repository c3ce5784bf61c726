/** What the API's firewall blocks, and that uploads get through: read from template.yaml, where it stands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WORKSPACE } from '../lib/config.ts';
import { readTemplate } from '../lib/template.ts';

type Rule = Record<string, any>;

const firewall = readTemplate().Resources.Firewall!.Properties;
/** With every condition met. */
const rules = (firewall.Rules as Rule[]).map((rule) => rule['Fn::If']?.[1] ?? rule);
const rule = (name: string): Rule => rules.find((it) => it.Name === name)!;
const contract = JSON.parse(readFileSync(join(WORKSPACE, 'infra/openapi.json'), 'utf8')) as { paths: Record<string, Rule> };
const paths = Object.keys(contract.paths).map((path) => path.replace(/\{[^}]+\}/g, 'x_01KAF2Z7M0V8Q4J3T6B9N5R1XC'));
/** What devices and agents have measured is sent here. */
const uploads = paths.filter((path) => /\/(readings|reports)$/.test(path) && !path.includes('/streams/'));
const uploadPath = (statement: Rule): RegExp => new RegExp(statement.RegexMatchStatement.RegexString);

describe('uploads', () => {
  const size = rule('upload-size').Statement.AndStatement.Statements as Rule[];
  const elsewhere = rule('bodies-elsewhere').Statement.AndStatement.Statements as Rule[];

  it('are these paths of the contract and no others, for both rules', () => {
    expect(uploads.length).toBe(5);
    for (const expression of [uploadPath(size[0]!), uploadPath(elsewhere[0]!.NotStatement.Statement)]) {
      expect(paths.filter((path) => expression.test(path))).toEqual(uploads);
      expect(paths.filter((path) => expression.test(`/live${path}`))).toEqual(uploads);
      expect(expression.test('/v1/accounts/v1/device/readings')).toBe(false);
    }
  });

  it('have a size rule of their own, above the 4 MiB that the functions take', () => {
    expect(rule('upload-size').Action).toEqual({ Block: {} });
    const length = new RegExp(size[1]!.RegexMatchStatement.RegexString);
    expect(size[1]!.RegexMatchStatement.FieldToMatch).toEqual({ SingleHeader: { Name: 'content-length' } });
    for (const passes of [0, 9, 16_384, 4 * 1024 * 1024, 4_999_999]) expect(length.test(String(passes)), `${passes}`).toBe(false);
    for (const blocked of [5_000_000, 9_999_999, 10_000_000, 123_456_789_012]) expect(length.test(String(blocked)), `${blocked}`).toBe(true);
  });

  it('are only counted by the managed rules on bodies, which block everywhere else', () => {
    const counted = rules.flatMap(({ Statement }) => Statement.ManagedRuleGroupStatement?.RuleActionOverrides ?? []) as Rule[];
    for (const { ActionToUse } of counted) expect(ActionToUse).toEqual({ Count: {} });
    const bodies = counted.map(({ Name }) => Name as string).filter((name) => name.endsWith('_BODY'));
    expect(bodies).toContain('SizeRestrictions_BODY');
    const labels = (elsewhere[1]!.OrStatement.Statements as Rule[]).map((it) => it.LabelMatchStatement.Key.split(':').pop());
    expect(labels.sort()).toEqual(bodies.map((name) => name.replace('_BODY', '_Body')).sort());
    expect(rule('bodies-elsewhere').Action).toEqual({ Block: {} });
    const last = Math.max(...rules.map(({ Priority }) => Priority));
    expect(rule('bodies-elsewhere').Priority).toBe(last);
  });

  it('need not say what sends them', () => {
    const common = rule('common').Statement.ManagedRuleGroupStatement.RuleActionOverrides as Rule[];
    expect(common.map(({ Name }) => Name)).toContain('NoUserAgent_HEADER');
  });
});

it('addresses that call too often, and countries that are not named, are blocked', () => {
  expect(rule('rate')).toMatchObject({
    Action: { Block: {} },
    Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: { Ref: 'WafRequestsPerFiveMinutes' } } },
  });
  const { Statement, Action } = rule('countries');
  expect(Action).toEqual({ Block: {} });
  expect(Statement.NotStatement.Statement.GeoMatchStatement.CountryCodes).toEqual({ 'Fn::Split': [',', { Ref: 'WafCountries' }] });
});

it('signing up and asking for a password reset need a CAPTCHA, and nothing else does', () => {
  const [method, path] = rule('captcha').Statement.AndStatement.Statements as [Rule, Rule];
  expect(rule('captcha').Action).toEqual({ Captcha: {} });
  expect(method.ByteMatchStatement.SearchString).toBe('POST');
  const expression = new RegExp(path.RegexMatchStatement.RegexString);
  expect(paths.filter((it) => expression.test(it))).toEqual(['/v1/accounts', '/v1/password-resets']);
});

it('every rule has a priority of its own and can be looked into', () => {
  expect(new Set(rules.map(({ Priority }) => Priority)).size).toBe(rules.length);
  for (const { VisibilityConfig } of rules) expect(VisibilityConfig).toMatchObject({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
});
