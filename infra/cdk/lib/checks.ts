/** The rules of cdk-nag that everything here is held to, and the few that do not apply, each with its reason and the exact resources. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Validations, type App, type CfnResource } from 'aws-cdk-lib';
import { AwsSolutionsChecks, rules, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

export interface Suppression {
  readonly rule: string;
  readonly reason: string;
  /** Logical ids of template.yaml as SAM expands it, or ends of paths of constructs. */
  readonly resources: string[];
}

export function suppressions(): Suppression[] {
  return JSON.parse(readFileSync(resolve(import.meta.dirname, '../suppressions.json'), 'utf8')) as Suppression[];
}

/** Makes synthesis fail for every finding that is not suppressed. */
export function hold(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  for (const { rule, reason, resources } of suppressions()) {
    for (const construct of resources.flatMap((resource) => named(app, resource))) {
      for (const id of findings(rule, construct)) Validations.of(construct).acknowledge({ id, reason });
    }
  }
}

/** The resources of suppressions that there are. */
export function known(app: App): Set<string> {
  const resources = suppressions().flatMap((it) => it.resources);
  return new Set(resources.filter((resource) => named(app, resource).length > 0));
}

function named(app: App, resource: string): IConstruct[] {
  return app.node.findAll().filter(({ node }) => `/${node.path}`.endsWith(`/${resource}`));
}

/** A rule's finding has an id of its own where there can be many of it in a resource. */
function findings(rule: string, construct: IConstruct): string[] {
  if (rule !== 'AwsSolutions-IAM5') return [rule];
  const wildcards = rules.iam.IAMNoWildcardPermissions(construct as CfnResource);
  return Array.isArray(wildcards) ? wildcards.map((finding) => `${rule}[${finding}]`) : [];
}
