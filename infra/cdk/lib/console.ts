/**
 * Static hosting of a console in the browser: a private bucket behind CloudFront. In us-east-1, the one region from which CloudFront takes
 * certificates and web ACLs; it holds nothing but the console's own files.
 *
 * The API is not behind it: it would see CloudFront's addresses in place of its callers', by which it counts and admits them.
 */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Domain } from './config.ts';
import { consoleFirewall } from './firewall.ts';
import { contentBucket, distributionLogBucket } from './storage.ts';

export interface ConsoleProps extends StackProps {
  readonly stage: string;
  readonly domain: Domain;
  readonly countries: string[];
}

export class Console extends Stack {
  constructor(scope: Construct, id: string, props: ConsoleProps) {
    super(scope, id, props);
    const { domain, stage } = props;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: domain.zoneId, zoneName: domain.zone });
    const certificate = new Certificate(this, 'Certificate', {
      domainName: domain.console,
      validation: CertificateValidation.fromDns(zone),
    });
    const logs = distributionLogBucket(this, 'Logs');
    const files = contentBucket(this, 'Files', logs);
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `Millwright's console, ${stage}`,
      domainNames: [domain.console],
      certificate,
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      webAclId: consoleFirewall(this, 'Firewall', stage).attrArn,
      geoRestriction: props.countries.length ? cloudfront.GeoRestriction.allowlist(...props.countries) : undefined,
      logBucket: logs,
      logFilePrefix: 'console/',
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: this.headers(domain),
        compress: true,
      },
      // A page of the console is a path that no file has.
      errorResponses: [403, 404].map((httpStatus) => ({
        httpStatus,
        responseHttpStatus: 200,
        responsePagePath: '/index.html',
        ttl: Duration.minutes(1),
      })),
    });
    const alias = { zone, recordName: domain.console, target: RecordTarget.fromAlias(new CloudFrontTarget(distribution)) };
    new ARecord(this, 'Address', alias);
    new AaaaRecord(this, 'Address6', alias);
    new CfnOutput(this, 'ConsoleFiles', { value: files.bucketName, description: 'Bucket that the console is copied to (aws s3 sync).' });
    new CfnOutput(this, 'ConsoleDistribution', { value: distribution.distributionId, description: 'Distribution to invalidate afterwards.' });
  }

  /** The console calls the API and nothing else, and stands in nobody's frame. */
  private headers(domain: Domain): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: `default-src 'self'; connect-src 'self' https://${domain.api}; frame-ancestors 'none'; object-src 'none'; base-uri 'self'`,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
    });
  }
}
