/** The web ACL before the console. The API's stands in template.yaml, since it knows the contract's paths. */
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/** Requests in five minutes from one address: a console that is loaded anew is some twenty. */
const REQUESTS = 5000;

export function consoleFirewall(scope: Construct, id: string, stage: string): CfnWebACL {
  const seen = (metricName: string) => ({ cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName });
  const managed = (name: string, group: string, priority: number): CfnWebACL.RuleProperty => ({
    name,
    priority,
    overrideAction: { none: {} },
    visibilityConfig: seen(name),
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: group } },
  });
  return new CfnWebACL(scope, id, {
    name: `millwright-${stage}-console`,
    description: 'Stands before the console.',
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: seen(`millwright-${stage}-console`),
    rules: [
      {
        name: 'rate',
        priority: 0,
        action: { block: {} },
        visibilityConfig: seen('rate'),
        statement: { rateBasedStatement: { aggregateKeyType: 'IP', evaluationWindowSec: 300, limit: REQUESTS } },
      },
      managed('ip-reputation', 'AWSManagedRulesAmazonIpReputationList', 1),
      managed('common', 'AWSManagedRulesCommonRuleSet', 2),
      managed('known-bad-inputs', 'AWSManagedRulesKnownBadInputsRuleSet', 3),
    ],
  });
}
