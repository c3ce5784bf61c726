/** Every stack there is: the sites by themselves, and the pipeline with the same sites in it. */
import { App, type AppProps } from 'aws-cdk-lib';
import { hold } from './checks.ts';
import type { Config } from './config.ts';
import { Pipeline } from './pipeline.ts';
import { Deployment } from './site.ts';

export function millwright(config: Config, props?: AppProps): App {
  const app = new App({ analyticsReporting: false, ...props });
  for (const [stage, site] of Object.entries(config.sites)) new Deployment(app, stage, site);
  const { account, region } = config.source;
  new Pipeline(app, 'Pipeline', { config, env: { account, region } });
  hold(app);
  return app;
}
