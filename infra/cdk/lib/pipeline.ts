/** From a commit to production: builds and tests, renews itself, deploys to the first site, asks the API there, waits for a person, deploys to the next. */
import { Duration, RemovalPolicy, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxArmBuildImage } from 'aws-cdk-lib/aws-codebuild';
import { Pipeline as CodePipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { Deployment } from './site.ts';
import { logBucket } from './storage.ts';

/** What builds a function is pinned as what it is built from is. */
const TOOLS = {
  rust: 'curl --proto =https --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c clippy,rustfmt --default-toolchain 1.95.0',
  lambda: 'pip3 install cargo-lambda==1.9.1',
};

export interface PipelineProps extends StackProps {
  readonly config: Config;
}

export class Pipeline extends Stack {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id, props);
    const { source, sites } = props.config;
    const pipeline = new pipelines.CodePipeline(this, 'Pipeline', {
      codePipeline: this.underlying(Object.values(sites).some((site) => site.domain)),
      selfMutation: true,
      dockerEnabledForSynth: false,
      synth: this.synth(pipelines.CodePipelineSource.connection(source.repository, source.branch, { connectionArn: source.connectionArn })),
      codeBuildDefaults: {
        buildEnvironment: { buildImage: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, computeType: ComputeType.LARGE },
        timeout: Duration.hours(2),
      },
    });
    for (const [n, [stage, site]] of Object.entries(sites).entries()) {
      const deployment = new Deployment(this, stage, site);
      // Inside a VPC, only who is in it can ask; the canary there does.
      const open = site.exposure === 'internet';
      pipeline.addStage(deployment, {
        pre: n === 0 ? [] : [new pipelines.ManualApprovalStep(`deploy-to-${stage}`, { comment: `Deploy to ${stage}?` })],
        post: open ? [this.smoke(stage, deployment)] : [],
      });
    }
    pipeline.buildPipeline();
  }

  private synth(input: pipelines.IFileSetProducer): pipelines.ShellStep {
    return new pipelines.CodeBuildStep('Build', {
      input,
      installCommands: [TOOLS.rust, '. "$HOME/.cargo/env"', TOOLS.lambda],
      commands: ['.ci/run', 'cd infra/cdk', 'npm ci', 'npm run functions', 'npx cdk synth --quiet'],
      primaryOutputDirectory: 'infra/cdk/cdk.out',
      partialBuildSpec: BuildSpec.fromObject({ phases: { install: { 'runtime-versions': { nodejs: '22', python: '3.13' } } } }),
    });
  }

  /** The first thing that anybody asks of a new deployment. */
  private smoke(stage: string, deployment: Deployment): pipelines.ShellStep {
    return new pipelines.ShellStep(`ask-${stage}`, {
      envFromCfnOutputs: { API: deployment.millwright.apiUrl },
      commands: ['curl --fail --silent --show-error --retry 5 --retry-all-errors "$API/v1/status"', 'curl --fail --silent --output /dev/null "$API/v1/openapi.json"'],
    });
  }

  /** Its buckets and keys are made here, as every other is: the construct's own have no access log. */
  private underlying(console: boolean): CodePipeline {
    const home = { [this.region]: artifacts(this, 'home') };
    const crossRegionReplicationBuckets = console ? { 'us-east-1': this.abroad(), ...home } : home;
    return new CodePipeline(this, 'Underlying', {
      pipelineName: 'millwright',
      pipelineType: PipelineType.V2,
      crossRegionReplicationBuckets,
      restartExecutionOnUpdate: true,
    });
  }

  /** For the stack of a console, which is there. */
  private abroad(): IBucket {
    const env = { account: this.account, region: 'us-east-1' };
    return artifacts(new Stack(Stage.of(this)!, 'PipelineAbroad', { env }), 'abroad');
  }
}

/** What goes from step to step, for a month. Named, since other regions and accounts refer to it. */
function artifacts(stack: Stack, place: string): Bucket {
  const key = new Key(stack, 'ArtifactsKey', { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  const encryptionKey = new Alias(stack, 'ArtifactsAlias', { aliasName: `alias/millwright-pipeline-${place}`, targetKey: key });
  return new Bucket(stack, 'Artifacts', {
    bucketName: `millwright-pipeline-${place}-${stack.account}`,
    encryptionKey,
    encryption: BucketEncryption.KMS,
    bucketKeyEnabled: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [{ id: 'a-month', expiration: Duration.days(30), noncurrentVersionExpiration: Duration.days(1) }],
    serverAccessLogsBucket: logBucket(stack, 'Logs'),
    serverAccessLogsPrefix: 'artifacts/',
  });
}
