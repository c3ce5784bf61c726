/**
 * `template.yaml` as it stands, in a stack of its own: every resource of Millwright is defined there and nowhere else.
 *
 * CloudFormation's own module for inclusion takes no template with references to what SAM will have made by then
 * (`!Ref IdentityFunction.Alias`), so that the template goes in unparsed but for the places of code and contract.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnElement, NestedStack, type NestedStackProps } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { parse, type CollectionTag, type ScalarTag, type YAMLMap, type YAMLSeq } from 'yaml';
import { WORKSPACE } from './config.ts';

interface Resource {
  Type: string;
  Metadata?: { BuildProperties?: { Binary: string } };
  Properties: Record<string, unknown>;
}

export interface Template {
  Parameters: Record<string, { Default?: unknown }>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, unknown>;
}

const SHORT_FORMS = ['Ref', 'Condition', 'And', 'Equals', 'GetAtt', 'If', 'Join', 'Not', 'Or', 'Split', 'Sub'];

/** CloudFormation's short forms, as the long ones. */
const TAGS = SHORT_FORMS.flatMap((name): (ScalarTag | CollectionTag)[] => {
  const tag = `!${name}`;
  const long = (value: unknown) => ({ [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value });
  const list = (value: YAMLMap | YAMLSeq) => long(value.toJSON());
  return [
    { tag, resolve: (text: string) => long(name === 'GetAtt' ? text.split('.') : text) },
    { tag, collection: 'seq', resolve: (value) => list(value) as never },
  ];
});

export function readTemplate(): Template {
  return parse(readFileSync(join(WORKSPACE, 'template.yaml'), 'utf8'), { customTags: TAGS }) as Template;
}

class Included extends CfnElement {
  constructor(scope: Construct, id: string, private readonly template: Template) {
    super(scope, id);
  }

  /** @internal */
  _toCloudFormation(): object {
    return this.template;
  }
}

export interface BackendProps extends NestedStackProps {
  /** Parameters of the template; those left out have its defaults. */
  readonly parameters: Record<string, string>;
}

/** The template, deployed. Its code and its contract are assets. */
export class Backend extends NestedStack {
  constructor(scope: Construct, id: string, props: BackendProps) {
    super(scope, id, props);
    const template = readTemplate();
    for (const name of Object.keys(props.parameters)) {
      if (!(name in template.Parameters)) throw new Error(`template.yaml has no parameter ${name}`);
    }
    for (const [name, resource] of Object.entries(template.Resources)) {
      if (resource.Type !== 'AWS::Serverless::Function') continue;
      const code = this.code(name, resource.Metadata?.BuildProperties?.Binary ?? '');
      resource.Properties.CodeUri = { Bucket: code.s3BucketName, Key: code.s3ObjectKey };
    }
    const contract = new Asset(this, 'Contract', { path: join(WORKSPACE, 'infra/openapi.json') });
    const location = { Location: contract.s3ObjectUrl };
    template.Resources.Api!.Properties.DefinitionBody = { 'Fn::Transform': { Name: 'AWS::Include', Parameters: location } };
    new Included(this, 'Template', template);
  }

  /** An output of the template, by its name. */
  output(name: string): string {
    return this.nestedStackResource!.getAtt(`Outputs.${name}`).toString();
  }

  private get unbuilt(): boolean {
    return this.node.tryGetContext('unbuilt') === 'allow';
  }

  /** What `npm run functions` has built. `unbuilt=allow` lets the crate's sources stand in: for all but the code to be checked, never to be deployed. */
  private code(name: string, binary: string): Asset {
    const zip = join(WORKSPACE, 'target/lambda', binary, 'bootstrap.zip');
    if (!this.unbuilt && !existsSync(zip)) throw new Error(`target/lambda/${binary}/bootstrap.zip is not there: npm run functions`);
    return new Asset(this, `${name}Code`, { path: this.unbuilt ? join(WORKSPACE, 'functions', binary) : zip });
  }
}
