import { millwright } from '../lib/app.ts';
import { readConfig } from '../lib/config.ts';

millwright(readConfig()).synth();
