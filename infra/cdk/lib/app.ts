/** Every stack there is: the sites by themselves, and the pipeline with the same sites in it. */
import { App, type AppProps } from 'aws-cdk-lib';
import { hold } from './checks.ts';
import type { Config } from './config.ts';
import { Pipeline } from './pipeline.ts';
import { Deployment } from './site.ts';

/** How constructs behave: here, so that tests see what is deployed. */
const FLAGS = {
  'aws:cdk:disable-stack-trace': true,
  // Would need a function of its own; nothing here is in a VPC's default group.
  '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  // The network is not changed under what stands in it.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
};

export function millwright(config: Config, props?: AppProps): App {
  const limit = Error.stackTraceLimit;
  // With traces of where each construct was made, cdk.out would name the folders of the machine that made it.
  Error.stackTraceLimit = 0;
  try {
    const app = new App({ analyticsReporting: false, ...props, context: { ...FLAGS, ...props?.context } });
    for (const [stage, site] of Object.entries(config.sites)) new Deployment(app, stage, site);
    const { account, region } = config.source;
    new Pipeline(app, 'Pipeline', { config, env: { account, region } });
    hold(app);
    return app;
  } finally {
    Error.stackTraceLimit = limit;
  }
}
