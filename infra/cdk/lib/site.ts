/** One deployment: the template's stack and what surrounds it. */
import { CfnOutput, Fn, Stack, Stage, Tags, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { AaaaRecord, ARecord, HostedZone, RecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Backups } from './backup.ts';
import { Canary } from './canary.ts';
import type { Domain, Site } from './config.ts';
import { Console } from './console.ts';
import { surroundings } from './dashboard.ts';
import { Network } from './network.ts';
import { contentBucket, dataKey, logBucket } from './storage.ts';
import { Backend } from './template.ts';

export interface MillwrightProps extends StackProps {
  readonly stage: string;
  readonly site: Site;
  readonly network?: Network;
}

/** In the home region: all that holds data. */
export class Millwright extends Stack {
  readonly backend: Backend;
  readonly apiUrl: CfnOutput;

  constructor(scope: Construct, id: string, props: MillwrightProps) {
    super(scope, id, props);
    const { network, site, stage } = props;
    const { domain } = site;
    const logs = logBucket(this, 'Logs');
    const key = dataKey(this, 'DataKey', stage);
    const zone = domain && HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: domain.zoneId, zoneName: domain.zone });
    this.backend = new Backend(this, 'Backend', {
      description: `Millwright, ${stage}`,
      parameters: {
        Stage: stage,
        HomeRegion: site.region,
        Waf: 'enabled',
        WafCountries: site.firewall.countries.join(','),
        WafCaptcha: site.firewall.captcha ? 'enabled' : 'disabled',
        KmsKeyArn: key.keyArn,
        AccessLogBucket: logs.bucketName,
        ...this.reached(network),
        // Nothing there leads to us-east-1.
        ...(network && !site.nat && { CostExplorerUrl: '' }),
        ...(domain && zone && this.named(domain, zone)),
        ...site.parameters,
      },
    });
    if (domain && zone) this.pointTo(domain, zone);

    const apiUrl = domain ? `https://${domain.api}` : this.backend.output('ApiUrl');
    // By its name: of an output, nothing tells that it is of this account and region.
    const topicArn = this.formatArn({ service: 'sns', resource: `millwright-${stage}-operations` });
    const artifacts = contentBucket(this, 'Artifacts', logs, 1);
    const { vpc, functions: securityGroup } = network ?? {};
    const canary = new Canary(this, 'Canary', { stage, apiUrl, topicArn, artifacts, vpc, securityGroup });
    canary.node.addDependency(this.backend);
    surroundings(this, 'Dashboard', stage, canary.canary);
    new Backups(this, 'Backups', { stage, key });
    this.tellOfDeployments(stage, topicArn);
    this.apiUrl = new CfnOutput(this, 'ApiUrl', { value: apiUrl, description: 'Address of the API.' });
  }

  private reached(network?: Network): Record<string, string> {
    if (!network) return { Exposure: 'internet' };
    return {
      Exposure: 'vpc',
      VpcEndpointIds: network.api.vpcEndpointId,
      SubnetIds: Fn.join(',', network.vpc.selectSubnets({ subnetGroupName: 'functions' }).subnetIds),
      SecurityGroupIds: network.functions.securityGroupId,
    };
  }

  private named(domain: Domain, zone: IHostedZone): Record<string, string> {
    const certificate = new Certificate(this, 'Certificate', { domainName: domain.api, validation: CertificateValidation.fromDns(zone) });
    return {
      ApiDomainName: domain.api,
      ApiCertificateArn: certificate.certificateArn,
      AllowedOrigins: `https://${domain.console}`,
      PublicUrl: `https://${domain.console}`,
    };
  }

  private pointTo(domain: Domain, zone: IHostedZone): void {
    const bind = () => ({ dnsName: this.backend.output('ApiDomainTarget'), hostedZoneId: this.backend.output('ApiDomainZone') });
    const target = RecordTarget.fromAlias({ bind });
    new ARecord(this, 'ApiAddress', { zone, recordName: domain.api, target });
    new AaaaRecord(this, 'ApiAddress6', { zone, recordName: domain.api, target });
  }

  /** Stacks of this deployment and of its organisations that could not be made, changed or deleted, and deployments that were rolled back. */
  private tellOfDeployments(stage: string, topicArn: string): void {
    // The template's own, to which EventBridge may send.
    const letters = this.formatArn({ service: 'sqs', resource: `millwright-${stage}-errors-dlq` });
    const deadLetterQueue = Queue.fromQueueArn(this, 'Letters', letters);
    const topic = new SnsTopic(Topic.fromTopicArn(this, 'Topic', topicArn), { deadLetterQueue });
    const failed = ['CREATE_FAILED', 'ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED'];
    const stacks = new Rule(this, 'StacksThatFailed', {
      description: `Stacks of Millwright, ${stage}, that failed or were rolled back.`,
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'status-details': { status: failed } },
      },
      targets: [topic],
    });
    const functions = new Rule(this, 'FunctionsTakenBack', {
      description: `New versions of functions of Millwright, ${stage}, that CodeDeploy has taken back.`,
      eventPattern: {
        source: ['aws.codedeploy'],
        detailType: ['CodeDeploy Deployment State-change Notification'],
        detail: { state: ['FAILURE', 'STOP'] },
      },
      targets: [topic],
    });
    for (const rule of [stacks, functions]) rule.node.addDependency(this.backend);
  }
}

/** A stage of the pipeline, or of `cdk deploy 'prod/*'`. */
export class Deployment extends Stage {
  readonly millwright: Millwright;

  constructor(scope: Construct, id: string, site: Site) {
    super(scope, id, { env: { account: site.account, region: site.region } });
    const network = site.exposure === 'vpc' ? new Network(this, 'Network', { stage: id, site }) : undefined;
    this.millwright = new Millwright(this, 'Millwright', { stage: id, site, network, terminationProtection: true });
    if (site.domain) {
      const env = { account: site.account, region: 'us-east-1' };
      new Console(this, 'Console', { stage: id, domain: site.domain, countries: site.firewall.countries, env });
    }
    const tags = { Application: 'millwright', Stage: id, CostCentre: site.parameters.CostCentre ?? 'millwright' };
    for (const [name, value] of Object.entries(tags)) Tags.of(this).add(name, value);
  }
}
