/** What a deployment is told: `sites.json`, checked as it is read. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where the pipeline finds the sources, and where it runs. */
export interface Source {
  readonly repository: string;
  readonly branch: string;
  readonly connectionArn: string;
  readonly account: string;
  readonly region: string;
}

/** Names of one's own, in a hosted zone of Route 53. */
export interface Domain {
  readonly zone: string;
  readonly zoneId: string;
  readonly api: string;
  readonly console: string;
}

/** One deployment of Millwright, named by its stage. */
export interface Site {
  readonly account: string;
  readonly region: string;
  readonly exposure: 'internet' | 'vpc';
  /** Inside a VPC: its availability zones. Named here, so that nothing has to be looked up. */
  readonly zones?: string[];
  /** Inside a VPC: whether functions reach the internet, for identity providers. */
  readonly nat?: boolean;
  /** Inside a VPC: networks that may call the API. */
  readonly callers?: string[];
  /** On the internet only. */
  readonly domain?: Domain;
  readonly firewall: { readonly countries: string[]; readonly captcha: boolean };
  /** Parameters of template.yaml beyond those that follow from the rest. */
  readonly parameters: Record<string, string>;
}

export interface Config {
  readonly source: Source;
  readonly sites: Record<string, Site>;
}

export const WORKSPACE = resolve(import.meta.dirname, '../../..');

export function readConfig(file = resolve(import.meta.dirname, '../sites.json')): Config {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Config;
  for (const [stage, site] of Object.entries(config.sites)) checkSite(stage, site);
  return config;
}

/** Refuses what the constructs would only stumble over; the template's own rules refuse the rest. */
export function checkSite(stage: string, site: Site): void {
  const refuse = (why: string): never => {
    throw new Error(`sites.json, ${stage}: ${why}`);
  };
  if (!/^[a-z][a-z0-9]{1,11}$/.test(stage)) refuse('a stage is 2 to 12 lower-case letters and digits, beginning with a letter');
  if (!/^[0-9]{12}$/.test(site.account)) refuse('account is 12 digits');
  if (site.exposure === 'vpc') {
    if (!site.zones?.length) refuse('exposure vpc needs zones');
    if (!site.callers?.length) refuse('exposure vpc needs callers, or nobody could reach the API');
    if (site.domain) refuse('domain needs exposure internet');
  } else if (site.zones || site.callers || site.nat) {
    refuse('zones, callers and nat need exposure vpc');
  }
}
