/** cdk-nag (AwsSolutions, Serverless) finds nothing, in the app and in the template as SAM expands it; what is suppressed is little, named and real. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { describe, expect, it } from 'vitest';
import { hold, known, suppressions } from '../lib/checks.ts';
import { WORKSPACE } from '../lib/config.ts';
import { outdir, synthesise } from './synthesised.ts';

/** Written by .ci/expand.py. */
const EXPANDED = join(WORKSPACE, 'target/checks/expanded.json');
const quiet = () => ({ outdir: outdir(), builtinCloudFormationValidation: false });

function expanded(): { app: App; stack: Stack } {
  const app = new App(quiet());
  const stack = new Stack(app, 'Expanded');
  new CfnInclude(stack, 'Template', { templateFile: EXPANDED });
  hold(app);
  return { app, stack };
}

describe('cdk-nag', () => {
  it('finds nothing in the app', () => {
    expect(() => synthesise()).not.toThrow();
  });

  it('finds nothing in the template, expanded', () => {
    expect(existsSync(EXPANDED), 'write it with .ci/expand.py target/checks/expanded.json').toBe(true);
    expect(() => expanded().app.synth()).not.toThrow();
  });

  it('would find a queue that anybody may read without TLS', () => {
    const { app, stack } = expanded();
    new CfnQueue(stack, 'Loose');
    expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
  });
});

describe('suppressions', () => {
  it('are eight at the most, each with a reason', () => {
    expect(suppressions().length).toBeLessThanOrEqual(8);
    for (const { reason, resources } of suppressions()) {
      expect(reason.length).toBeGreaterThan(40);
      expect(resources.length).toBeGreaterThan(0);
    }
  });

  it('name only what there is', () => {
    const there = new Set([...known(expanded().app), ...synthesise().known]);
    for (const resource of suppressions().filter((it) => !it.rule.startsWith('CKV')).flatMap((it) => it.resources)) {
      expect(there.has(resource), resource).toBe(true);
    }
  });
});
