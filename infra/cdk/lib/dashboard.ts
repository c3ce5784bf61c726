/** What stands around the API, on one page. The API's own dashboard is in template.yaml. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Color, Dashboard, GraphWidget, Metric, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Canary } from 'aws-cdk-lib/aws-synthetics';
import type { Construct } from 'constructs';

export function surroundings(scope: Construct, id: string, stage: string, canary: Canary): Dashboard {
  const metric = (namespace: string, metricName: string, dimensionsMap: Record<string, string>, color?: string): IMetric =>
    new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', period: Duration.minutes(5), color });
  const firewall = { WebACL: `millwright-${stage}`, Region: Stack.of(scope).region, Rule: 'ALL' };
  const vault = { BackupVaultName: `millwright-${stage}` };
  const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
  return new Dashboard(scope, id, {
    dashboardName: `millwright-${stage}-surroundings`,
    widgets: [
      [
        graph('Answers to the canary, %', canary.metricSuccessPercent({ period: Duration.minutes(5) })),
        graph('The canary took, ms', canary.metricDuration({ period: Duration.minutes(5) })),
      ],
      [
        graph(
          'Firewall',
          metric('AWS/WAFV2', 'AllowedRequests', firewall, Color.GREEN),
          metric('AWS/WAFV2', 'BlockedRequests', firewall, Color.RED),
          metric('AWS/WAFV2', 'CaptchaRequests', firewall, Color.ORANGE),
        ),
        graph(
          'Backups',
          metric('AWS/Backup', 'NumberOfBackupJobsCompleted', vault, Color.GREEN),
          metric('AWS/Backup', 'NumberOfBackupJobsFailed', vault, Color.RED),
        ),
      ],
    ],
  });
}
