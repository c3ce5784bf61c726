/** Inside a VPC: private subnets for the functions, and the endpoints through which they reach AWS and callers reach the API. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Site } from './config.ts';

const aws = ec2.InterfaceVpcEndpointAwsService;

/** One for each service that a crate under `shared/aws` calls, by its prefix in IAM; DynamoDB and S3 have gateways, which cost nothing. */
const SERVICES: Record<string, { readonly service: ec2.InterfaceVpcEndpointAwsService; readonly prefix: string }> = {
  CloudFormation: { service: aws.CLOUDFORMATION, prefix: 'cloudformation' },
  Kms: { service: aws.KMS, prefix: 'kms' },
  Lambda: { service: aws.LAMBDA, prefix: 'lambda' },
  Secrets: { service: aws.SECRETS_MANAGER, prefix: 'secretsmanager' },
  Mail: { service: aws.EMAIL, prefix: 'ses' },
  Topics: { service: aws.SNS, prefix: 'sns' },
  Queues: { service: aws.SQS, prefix: 'sqs' },
};

export interface NetworkProps extends StackProps {
  readonly stage: string;
  readonly site: Site;
}

export class Network extends Stack {
  readonly vpc: ec2.Vpc;
  /** Of the functions: nothing comes in, TLS goes out. */
  readonly functions: ec2.SecurityGroup;
  /** Through which the API is called. */
  readonly api: ec2.InterfaceVpcEndpoint;

  private readonly zones: string[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id, props);
    const { site, stage } = props;
    this.zones = site.zones ?? [];
    const subnetType = site.nat ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED;
    const subnets = [{ name: 'functions', subnetType, cidrMask: 22 }];
    const outer = { name: 'outer', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 27, mapPublicIpOnLaunch: false };
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      vpcName: `millwright-${stage}`,
      ipAddresses: ec2.IpAddresses.cidr('10.64.0.0/16'),
      maxAzs: this.zones.length,
      natGateways: site.nat ? 1 : 0,
      subnetConfiguration: site.nat ? [...subnets, outer] : subnets,
    });
    const flows = new LogGroup(this, 'FlowLog', { retention: RetentionDays.ONE_MONTH });
    this.vpc.addFlowLog('Flows', { destination: ec2.FlowLogDestination.toCloudWatchLogs(flows) });

    this.functions = this.group('Functions', 'Functions of Millwright', false);
    this.functions.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS by its endpoints, identity providers by NAT');
    this.gateways();
    const services = this.group('Services', 'Endpoints of the services that functions call', false);
    services.addIngressRule(this.functions, ec2.Port.tcp(443), 'Functions');
    for (const [name, { service, prefix }] of Object.entries(SERVICES)) {
      this.endpoint(name, service, services).addToPolicy(this.ownAlone(`${prefix}:*`));
    }
    this.endpoint('Cognito', new aws('cognito-idp'), services).addToPolicy(this.ownPools());

    const callers = this.group('Callers', 'Callers of the API', false);
    for (const network of site.callers ?? []) callers.addIngressRule(ec2.Peer.ipv4(network), ec2.Port.tcp(443), 'Callers');
    this.api = this.endpoint('Api', aws.APIGATEWAY, callers);
    this.api.addToPolicy(
      new PolicyStatement({
        sid: 'ApisOfThisAccount',
        principals: [new AnyPrincipal()],
        actions: ['execute-api:Invoke'],
        resources: [this.formatArn({ service: 'execute-api', resource: '*', resourceName: 'live/*' })],
      }),
    );
  }

  /** The account's would have to be looked up. */
  override get availabilityZones(): string[] {
    return this.zones;
  }

  private group(id: string, description: string, allowAllOutbound: boolean): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound });
  }

  private endpoint(name: string, service: ec2.InterfaceVpcEndpointAwsService, group: ec2.SecurityGroup): ec2.InterfaceVpcEndpoint {
    return this.vpc.addInterfaceEndpoint(name, { service, open: false, privateDnsEnabled: true, securityGroups: [group] });
  }

  private gateways(): void {
    const { DYNAMODB, S3 } = ec2.GatewayVpcEndpointAwsService;
    this.vpc.addGatewayEndpoint('Tables', { service: DYNAMODB }).addToPolicy(this.ownAlone('dynamodb:*'));
    this.vpc.addGatewayEndpoint('Buckets', { service: S3 }).addToPolicy(this.ownAlone('s3:*'));
  }

  /** Only this account's principals, and only what is this account's: nothing can be carried off through an endpoint to another. */
  private ownAlone(actions: string): PolicyStatement {
    return new PolicyStatement({
      sid: 'ThisAccountAlone',
      principals: [new AnyPrincipal()],
      actions: [actions],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:PrincipalAccount': this.account, 'aws:ResourceAccount': this.account } },
    });
  }

  /** Whoever asks: the signing keys of a pool are read without credentials. */
  private ownPools(): PolicyStatement {
    return new PolicyStatement({
      sid: 'PoolsOfThisAccount',
      principals: [new AnyPrincipal()],
      actions: ['cognito-idp:*'],
      resources: [this.formatArn({ service: 'cognito-idp', resource: 'userpool', resourceName: '*' })],
    });
  }
}
