/** Backups of the tables by AWS Backup, beside the 35 days of point-in-time recovery that each table has. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

interface Tier {
  /** How often, and for how long. */
  readonly rules: Record<string, { readonly at: Schedule; readonly days: number }>;
}

const daily = { at: Schedule.cron({ hour: '2', minute: '0' }), days: 35 };
const monthly = { at: Schedule.cron({ hour: '3', minute: '0', day: '1' }), days: 366 };
const yearly = { at: Schedule.cron({ hour: '4', minute: '0', day: '1', month: '1' }), days: 3653 };

/**
 * What an organisation can have, by the tag BackupTier of its table. Tables without the tag, those of the deployment included, are `standard`.
 * A tier more: a line here.
 */
export const TIERS: Record<string, Tier> = {
  standard: { rules: { daily } },
  extended: { rules: { daily, monthly } },
  archive: { rules: { daily, monthly, yearly } },
};

export interface BackupsProps {
  readonly stage: string;
  readonly key: IKey;
}

export class Backups extends Construct {
  constructor(scope: Construct, id: string, props: BackupsProps) {
    super(scope, id);
    const vault = new backup.BackupVault(this, 'Vault', {
      backupVaultName: `millwright-${props.stage}`,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.RETAIN,
      blockRecoveryPointDeletion: true,
    });
    const role = this.role(props.stage, vault);
    const tables = Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: `millwright-${props.stage}-*` });
    for (const [tier, { rules }] of Object.entries(TIERS)) {
      const plan = new backup.BackupPlan(this, tier, { backupPlanName: `millwright-${props.stage}-${tier}`, backupVault: vault });
      for (const [name, rule] of Object.entries(rules)) {
        plan.addRule(
          new backup.BackupPlanRule({
            ruleName: name,
            scheduleExpression: rule.at,
            startWindow: Duration.hours(1),
            completionWindow: Duration.hours(6),
            deleteAfter: Duration.days(rule.days),
            recoveryPointTags: { Application: 'millwright', Stage: props.stage, BackupTier: tier },
          }),
        );
      }
      new backup.CfnBackupSelection(this, `${tier}Tables`, {
        backupPlanId: plan.backupPlanId,
        backupSelection: { selectionName: `${tier}-tables`, iamRoleArn: role.roleArn, resources: [tables], conditions: this.conditions(tier) },
      });
    }
  }

  private conditions(tier: string): object {
    const tag = (value: string) => ({ ConditionKey: 'aws:ResourceTag/BackupTier', ConditionValue: value });
    if (tier !== 'standard') return { StringEquals: [tag(tier)] };
    return { StringNotEquals: Object.keys(TIERS).filter((other) => other !== tier).map(tag) };
  }

  /** What AWS Backup needs for tables, by its managed policies, of which this is the part on DynamoDB, on this deployment's tables. */
  private role(stage: string, vault: backup.BackupVault): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('backup.amazonaws.com') });
    const stack = Stack.of(this);
    const grant = (actions: string[], resources: string[]) => role.addToPolicy(new PolicyStatement({ actions, resources }));
    const table = stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: `millwright-${stage}-*` });
    grant(['dynamodb:CreateBackup', 'dynamodb:DescribeTable', 'dynamodb:ListTagsOfResource', 'dynamodb:StartAwsBackupJob'], [table]);
    grant(['dynamodb:DeleteBackup', 'dynamodb:DescribeBackup', 'dynamodb:RestoreTableFromAwsBackup', 'dynamodb:RestoreTableFromBackup'], [`${table}/backup/*`]);
    // The conditions on tags are looked up here; it knows no resources.
    grant(['tag:GetResources'], ['*']);
    grant(['backup:DescribeBackupVault', 'backup:CopyIntoBackupVault'], [vault.backupVaultArn]);
    return role;
  }
}
