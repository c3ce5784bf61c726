/** What stands around the template: inside a VPC (test), and on the internet with names of its own (prod). */
import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { TIERS } from '../lib/backup.ts';
import { stable, synthesise, type Synthesised } from './synthesised.ts';

let app: Synthesised;
beforeAll(() => {
  app = synthesise();
});

/** What the template is told. */
function parameters(stage: string): Record<string, any> {
  const [backend] = Object.values(app.stack(stage, 'Millwright').findResources('AWS::CloudFormation::Stack'));
  return backend!.Properties.Parameters;
}

describe('inside a VPC', () => {
  it('functions run in private subnets, and the API answers through its endpoint', () => {
    const told = parameters('test');
    expect(told.Exposure).toBe('vpc');
    for (const name of ['VpcEndpointIds', 'SubnetIds', 'SecurityGroupIds']) expect(JSON.stringify(told[name]), name).toContain('Network');
    expect(told.ApiDomainName).toBeUndefined();
    const network = app.stack('test', 'Network');
    network.resourceCountIs('AWS::EC2::Subnet', 2);
    network.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway']) network.resourceCountIs(type, 0);
    network.resourceCountIs('AWS::EC2::FlowLog', 1);
  });

  it('there is an endpoint for each service, each with a policy', () => {
    const endpoints = Object.values(app.stack('test', 'Network').findResources('AWS::EC2::VPCEndpoint')) as any[];
    const services = endpoints.map(({ Properties }) => JSON.stringify(Properties.ServiceName).replace(/["\]}]/g, '').split('.').pop()).sort();
    expect(services).toEqual(['cloudformation', 'cognito-idp', 'dynamodb', 'email', 'execute-api', 'kms', 'lambda', 's3', 'secretsmanager', 'sns', 'sqs']);
    for (const { Properties } of endpoints) {
      const [statement] = Properties.PolicyDocument.Statement;
      const own = statement.Condition?.StringEquals?.['aws:ResourceAccount'] === '222222222222';
      expect(own || JSON.stringify(statement.Resource).includes('222222222222'), JSON.stringify(statement)).toBe(true);
      expect(statement.Action).not.toBe('*');
    }
  });

  it('only the named networks reach the API, and only functions the other endpoints', () => {
    const network = app.stack('test', 'Network');
    network.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Callers of the API',
      SecurityGroupIngress: [{ CidrIp: '10.0.0.0/8', FromPort: 443, ToPort: 443, IpProtocol: 'tcp', Description: 'Callers' }],
    });
    network.hasResourceProperties('AWS::EC2::SecurityGroup', { GroupDescription: 'Endpoints of the services that functions call', SecurityGroupIngress: Match.absent() });
    network.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    network.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Functions of Millwright',
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ FromPort: 443, ToPort: 443 })],
    });
  });

  it('the canary asks from within, and there is neither console nor name', () => {
    app.stack('test', 'Millwright').hasResourceProperties('AWS::Synthetics::Canary', { VPCConfig: Match.objectLike({ SubnetIds: Match.anyValue() }) });
    app.stack('test', 'Millwright').resourceCountIs('AWS::Route53::RecordSet', 0);
    expect(app.names('test')).toEqual(['test/Millwright', 'test/Network']);
  });
});

describe('on the internet', () => {
  it('the API has its name, its certificate and the console as its one origin', () => {
    const told = parameters('prod');
    expect(told).toMatchObject({ Exposure: 'internet', ApiDomainName: 'api.example.com', AllowedOrigins: 'https://console.example.com' });
    expect(told.ApiCertificateArn).toEqual({ Ref: expect.stringContaining('Certificate') });
    for (const name of ['VpcEndpointIds', 'SubnetIds', 'SecurityGroupIds']) expect(told[name], name).toBeUndefined();
    const stack = app.stack('prod', 'Millwright');
    for (const Type of ['A', 'AAAA']) {
      stack.hasResourceProperties('AWS::Route53::RecordSet', {
        Name: 'api.example.com.',
        Type,
        AliasTarget: { DNSName: { 'Fn::GetAtt': [Match.stringLikeRegexp('Backend'), 'Outputs.ApiDomainTarget'] } },
      });
    }
  });

  it('the console is private files behind CloudFront, its firewall and TLS 1.2', () => {
    const console = app.stack('prod', 'Console');
    console.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['console.example.com'],
        WebACLId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Firewall'), 'Arn'] },
        ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' },
        Restrictions: { GeoRestriction: { RestrictionType: 'whitelist', Locations: ['AT', 'CH', 'DE'] } },
        Logging: Match.anyValue(),
      },
    });
    console.allResourcesProperties('AWS::S3::Bucket', { PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true } });
    console.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT', Rules: Match.arrayWith([Match.objectLike({ Statement: { RateBasedStatement: Match.anyValue() } })]) });
  });
});

describe.each(['test', 'prod'])('%s', (stage) => {
  it('has the firewall, a key of its own and access logs', () => {
    const told = parameters(stage);
    expect(told).toMatchObject({ Stage: stage, Waf: 'enabled', HomeRegion: 'eu-central-1' });
    expect(told.KmsKeyArn['Fn::GetAtt'][0]).toContain('DataKey');
    expect(told.AccessLogBucket.Ref).toContain('Logs');
    app.stack(stage, 'Millwright').hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  it('backs up its tables by tiers, each table by one', () => {
    const stack = app.stack(stage, 'Millwright');
    const selections = Object.values(stack.findResources('AWS::Backup::BackupSelection')) as any[];
    expect(selections.length).toBe(Object.keys(TIERS).length);
    const tier = (conditions: any) => Object.entries(conditions).flatMap(([kind, of]: [string, any]) => of.map((it: any) => `${kind} ${it.ConditionValue}`));
    expect(selections.map((it) => tier(it.Properties.BackupSelection.Conditions))).toEqual([
      ['StringNotEquals extended', 'StringNotEquals archive'],
      ['StringEquals extended'],
      ['StringEquals archive'],
    ]);
    for (const { Properties } of selections) expect(JSON.stringify(Properties.BackupSelection.Resources)).toContain(`table/millwright-${stage}-*`);
    stack.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: { BackupPlanName: `millwright-${stage}-archive`, BackupPlanRule: [{ Lifecycle: { DeleteAfterDays: 35 } }, { Lifecycle: { DeleteAfterDays: 366 } }, { Lifecycle: { DeleteAfterDays: 3653 } }].map((it) => Match.objectLike(it)) },
    });
    stack.hasResource('AWS::Backup::BackupVault', { DeletionPolicy: 'Retain' });
  });

  it('is asked every five minutes, and staff are told when it or a deployment fails', () => {
    const stack = app.stack(stage, 'Millwright');
    stack.hasResourceProperties('AWS::Synthetics::Canary', { Schedule: { Expression: 'rate(5 minutes)' } });
    stack.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: `millwright-${stage}-canary`, TreatMissingData: 'breaching' });
    for (const source of ['aws.cloudformation', 'aws.codedeploy']) {
      stack.hasResourceProperties('AWS::Events::Rule', {
        EventPattern: Match.objectLike({ source: [source] }),
        Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
      });
    }
  });

  it('keeps what holds data when its stack goes', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::KMS::Key']) app.stack(stage, 'Millwright').allResources(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('is as it was', () => {
    for (const name of app.names(stage)) expect(stable(app.stack(stage, name.split('/').pop()!))).toMatchSnapshot(name);
  });
});

describe('the pipeline', () => {
  const steps = (): string[] =>
    (Object.values(app.pipeline.findResources('AWS::CodePipeline::Pipeline'))[0] as any).Properties.Stages.flatMap((it: any) =>
      it.Actions.map((action: any) => `${it.Name}: ${action.Name}`),
    );

  it('builds, renews itself, deploys to test, and asks a person before production', () => {
    const order = ['UpdatePipeline: SelfMutate', 'test: Millwright.Deploy', 'prod: deploy-to-prod', 'prod: Millwright.Deploy', 'prod: ask-prod'];
    const found = order.map((step) => steps().indexOf(step));
    expect(found, steps().join('\n')).toEqual([...found].sort((a, b) => a - b));
    expect(found).not.toContain(-1);
    app.pipeline.hasResourceProperties('AWS::CodePipeline::Pipeline', {
      Stages: Match.arrayWith([
        Match.objectLike({ Name: 'prod', Actions: Match.arrayWith([Match.objectLike({ Name: 'deploy-to-prod', ActionTypeId: Match.objectLike({ Category: 'Approval' }) })]) }),
      ]),
    });
  });

  it('tests before it deploys, with the functions built', () => {
    const built = JSON.stringify(app.pipeline.findResources('AWS::CodeBuild::Project'));
    for (const command of ['.ci/run', 'npm run functions', 'cdk synth']) expect(built, command).toContain(command);
    expect(built).not.toContain('unbuilt');
  });

  it('is as it was', () => {
    expect(stable(app.pipeline)).toMatchSnapshot();
  });
});
