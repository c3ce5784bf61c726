/** The whole app, synthesised once for all tests, and held to the checks by the way. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Template } from 'aws-cdk-lib/assertions';
import { millwright } from '../lib/app.ts';
import { known } from '../lib/checks.ts';
import { readConfig } from '../lib/config.ts';

export interface Synthesised {
  /** Resources of suppressions that are in it. */
  readonly known: Set<string>;
  readonly directory: string;
  /** The stack of a site, by the stage and its name there. */
  stack(stage: string, name: string): Template;
  names(stage: string): string[];
  readonly pipeline: Template;
  /** template.yaml as it is deployed to a site. */
  included(stage: string): Record<string, Record<string, any>>;
}

/** Gone when the tests are. */
export function outdir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millwright-cdk-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

let synthesised: Synthesised | undefined;

export function synthesise(): Synthesised {
  return (synthesised ??= synthesiseNow());
}

function synthesiseNow(): Synthesised {
  const directory = outdir();
  // CloudFormation's rules are cfn-lint's business, on the template itself.
  const app = millwright(readConfig(), { outdir: directory, context: { unbuilt: 'allow' }, builtinCloudFormationValidation: false });
  const assembly: CloudAssembly = app.synth();
  const stage = (name: string) => assembly.getNestedAssembly(`assembly-${name}`);
  const template = (of: CloudAssembly, id: string) => {
    const stack = of.stacks.find((it) => it.displayName.split('/').pop()!.startsWith(id));
    if (!stack) throw new Error(`no stack ${id} among ${of.stacks.map((it) => it.displayName)}`);
    return Template.fromJSON(stack.template);
  };
  return {
    known: known(app),
    directory,
    stack: (name, id) => template(stage(name), id),
    names: (name) => stage(name).stacks.map((it) => it.displayName.replace(/ .*/, '')).sort(),
    pipeline: Template.fromJSON(assembly.getStackByName('Pipeline').template),
    included: (name) => {
      const of = stage(name).directory;
      const file = readdirSync(of).find((it) => it.includes('Backend') && it.endsWith('.nested.template.json'));
      return JSON.parse(readFileSync(join(of, file!), 'utf8'));
    },
  };
}

/** A template without what differs from commit to commit. */
export function stable(template: Template): unknown {
  const text = JSON.stringify(template.toJSON())
    .replace(/[0-9a-f]{64}/g, 'HASH')
    .replace(/(HASH:[0-9]{12}-[a-z0-9-]+)-[0-9a-f]{8}/g, '$1');
  return JSON.parse(text);
}
