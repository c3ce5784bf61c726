/** Asks the API from outside how it fares, as a caller would, and sounds an alarm when it does not answer. */
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as synthetics from 'aws-cdk-lib/aws-synthetics';
import { Construct } from 'constructs';

/** Each call must be answered with JSON that holds what is named, within ten seconds. */
const SCRIPT = `
const get = (path, member) => new Promise((done, failed) => {
  const request = require('https').get(process.env.API_URL + path, { timeout: 10000 }, (answer) => {
    let body = '';
    answer.on('data', (part) => (body += part));
    answer.on('end', () => {
      try {
        if (answer.statusCode !== 200 || !(member in JSON.parse(body))) throw new Error('not what it should be');
        done();
      } catch (error) {
        failed(new Error(path + ': ' + answer.statusCode + ', ' + error.message + ': ' + body.slice(0, 200)));
      }
    });
  });
  request.on('timeout', () => request.destroy(new Error(path + ': no answer within 10 s')));
  request.on('error', failed);
});
exports.handler = async () => {
  await get('/v1/status', 'status');
  await get('/v1/openapi.json', 'openapi');
};
`;

export interface CanaryProps {
  readonly stage: string;
  readonly apiUrl: string;
  readonly topicArn: string;
  readonly artifacts: IBucket;
  readonly vpc?: IVpc;
  readonly securityGroup?: ISecurityGroup;
}

export class Canary extends Construct {
  readonly canary: synthetics.Canary;

  constructor(scope: Construct, id: string, props: CanaryProps) {
    super(scope, id);
    this.canary = new synthetics.Canary(this, 'Canary', {
      canaryName: `millwright-${props.stage}`,
      // 288 runs a day at 0.0012 dollars: 10 dollars a month.
      schedule: synthetics.Schedule.rate(Duration.minutes(5)),
      runtime: synthetics.Runtime.SYNTHETICS_NODEJS_3_1,
      test: synthetics.Test.custom({ code: synthetics.Code.fromInline(SCRIPT), handler: 'index.handler' }),
      environmentVariables: { API_URL: props.apiUrl },
      role: this.role(props),
      artifactsBucketLocation: { bucket: props.artifacts, prefix: 'canary' },
      successRetentionPeriod: Duration.days(7),
      failureRetentionPeriod: Duration.days(31),
      vpc: props.vpc,
      securityGroups: props.securityGroup && [props.securityGroup],
    });
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: `millwright-${props.stage}-canary`,
      alarmDescription: 'Twice running, the API did not answer from outside. Where no alarm of its own sounds: DNS, certificate, firewall, or the region.',
      metric: this.canary.metricSuccessPercent({ period: Duration.minutes(5) }),
      threshold: 100,
      evaluationPeriods: 2,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Topic', props.topicArn)));
  }
  /** What Synthetics asks for ("Required roles and permissions for canaries"), and the addresses of a VPC's subnets. */
  private role({ artifacts, stage, vpc }: CanaryProps): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const grant = (actions: string[], resources: string[], conditions = {}) =>
      role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
    grant(['s3:PutObject'], [artifacts.arnForObjects('canary/*')]);
    grant(['s3:GetBucketLocation'], [artifacts.bucketArn]);
    grant(['s3:ListAllMyBuckets'], ['*']);
    grant(['cloudwatch:PutMetricData'], ['*'], { StringEquals: { 'cloudwatch:namespace': 'CloudWatchSynthetics' } });
    const logs = { service: 'logs', resource: 'log-group', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
    const group = Stack.of(this).formatArn({ ...logs, resourceName: `/aws/lambda/cwsyn-millwright-${stage}-*` });
    grant(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], [group]);
    if (vpc) grant(['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface'], ['*']);
    return role;
  }
}
