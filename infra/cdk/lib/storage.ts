/** Buckets and keys around the template's own. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership, type BucketProps } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** What every bucket here is: private, encrypted, over TLS alone, and kept when its stack goes. */
const PRIVATE: BucketProps = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
};

/** Access logs of other buckets, for a year. Its own go beside them. */
export function logBucket(scope: Construct, id: string, more: BucketProps = {}): Bucket {
  const expiry = [{ id: 'a-year', expiration: Duration.days(365), noncurrentVersionExpiration: Duration.days(1) }];
  return new Bucket(scope, id, { ...PRIVATE, versioned: true, lifecycleRules: expiry, serverAccessLogsPrefix: 'self/', ...more });
}

/** The same for logs of CloudFront, which writes them by access control lists. */
export function distributionLogBucket(scope: Construct, id: string): Bucket {
  return logBucket(scope, id, { objectOwnership: ObjectOwnership.OBJECT_WRITER });
}

/** What is given out or thrown away: versions before the present one for so many days. */
export function contentBucket(scope: Construct, id: string, logs: Bucket, keptDays = 30): Bucket {
  const lifecycleRules = [{ id: 'versions-before', noncurrentVersionExpiration: Duration.days(keptDays) }];
  return new Bucket(scope, id, { ...PRIVATE, versioned: true, lifecycleRules, serverAccessLogsBucket: logs, serverAccessLogsPrefix: `${id.toLowerCase()}/` });
}

/** The key of data at rest, as the template's parameter KmsKeyArn wants it. */
export function dataKey(scope: Construct, id: string, stage: string): Key {
  const key = new Key(scope, id, {
    alias: `millwright-${stage}`,
    description: 'Encrypts what Millwright keeps.',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const { account, region } = Stack.of(scope);
  const use = (sid: string, services: string[], conditions: Record<string, Record<string, string>>) =>
    key.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.ALLOW,
        principals: services.map((service) => new ServicePrincipal(service)),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey'],
        resources: ['*'],
        conditions,
      }),
    );
  const services = ['cloudwatch', 'ses', 'sns'].map((name) => `${name}.amazonaws.com`);
  use('WhatIsPublished', services, { StringEquals: { 'aws:SourceAccount': account } });
  // EventBridge is not known to tell for whom it publishes; CloudWatch Logs tells the log group, and no account.
  use('Notices', ['events.amazonaws.com'], {});
  const groups = `arn:${Stack.of(scope).partition}:logs:${region}:${account}:log-group:*`;
  use('Logs', [`logs.${region}.amazonaws.com`], { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } });
  return key;
}
