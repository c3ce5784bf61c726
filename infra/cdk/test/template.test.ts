/** Everything that Millwright deploys is defined in template.yaml and nowhere else, and reaches AWS from there. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { WORKSPACE } from '../lib/config.ts';
import { readTemplate } from '../lib/template.ts';
import { synthesise, type Synthesised } from './synthesised.ts';

let app: Synthesised;
beforeAll(() => {
  app = synthesise();
});

function files(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

describe.each(['test', 'prod'])('in %s', (stage) => {
  it('the template goes in as it stands, but for the places of code and contract', () => {
    const included = app.included(stage);
    const original = readTemplate();
    for (const resource of [...Object.values(included.Resources!), ...Object.values(original.Resources)] as any[]) {
      if (resource.Type === 'AWS::Serverless::Function') delete resource.Properties.CodeUri;
      if (resource.Type === 'AWS::Serverless::Api') delete resource.Properties.DefinitionBody;
    }
    for (const section of ['Transform', 'Globals', 'Parameters', 'Conditions', 'Rules', 'Resources', 'Outputs'] as const) {
      expect(included[section === 'Parameters' ? 'Parameters' : section], section).toMatchObject((original as any)[section]);
    }
    expect(Object.keys(included.Resources!).sort()).toEqual(Object.keys(original.Resources).sort());
  });

  it('code and contract are assets', () => {
    const { Resources } = app.included(stage);
    const functions = Object.values(Resources!).filter((it: any) => it.Type === 'AWS::Serverless::Function') as any[];
    expect(functions.length).toBeGreaterThanOrEqual(16);
    for (const { Properties } of functions) {
      expect(JSON.stringify(Properties.CodeUri.Bucket)).toMatch(/cdk-hnb659fds-assets|Ref/);
      expect(JSON.stringify(Properties.CodeUri.Key)).toMatch(/[0-9a-f]{64}\.zip|Ref/);
    }
    const location = JSON.stringify(Resources!.Api.Properties.DefinitionBody['Fn::Transform'].Parameters.Location);
    expect(location).toMatch(/s3:\/\/cdk-hnb659fds-assets.*[0-9a-f]{64}\.json/);
  });
});

it('no resource of the template is defined a second time around it', () => {
  const named = (resources: Record<string, any>) =>
    Object.values(resources).flatMap((it) =>
      ['TableName', 'QueueName', 'TopicName', 'FunctionName', 'UserPoolName', 'DashboardName']
        .map((key) => it.Properties?.[key])
        .filter((name) => typeof name === 'string'),
    );
  const around = ['test', 'prod'].flatMap((stage) => app.names(stage).map((name) => app.stack(stage, name.split('/').pop()!).toJSON()));
  const types = new Set(around.flatMap((template) => Object.values(template.Resources ?? {}).map((it: any) => it.Type)));
  for (const type of ['AWS::Lambda::Function', 'AWS::Serverless::Function', 'AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::Cognito::UserPool', 'AWS::ApiGateway::RestApi']) {
    expect(types, type).not.toContain(type);
  }
  const own = new Set(named(readTemplate().Resources).map((it) => it));
  for (const name of around.flatMap((template) => named(template.Resources ?? {}))) expect(own).not.toContain(name);
});

it('nothing has to be looked up in an account', () => {
  const manifests = files(app.directory).filter((path) => path.endsWith('/manifest.json'));
  expect(manifests.length).toBe(5);
  for (const path of manifests) expect(JSON.parse(readFileSync(path, 'utf8')).missing, path).toBeUndefined();
});

it('nothing in cdk.out leads back to this machine', () => {
  const written = files(app.directory).filter((path) => /\.(json|out)$/.test(path) && !path.includes('/asset.'));
  expect(written.length).toBeGreaterThan(10);
  for (const path of written) {
    const text = readFileSync(path, 'utf8');
    for (const place of [WORKSPACE, '/home/', '/root/', '../..', 'target/lambda']) {
      expect(text.includes(place), `${place} in ${path}`).toBe(false);
    }
  }
});
