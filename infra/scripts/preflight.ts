import path from 'node:path';
import { parseArgs } from 'node:util';
import { compileNames } from '../../src/callers/name-pattern.ts';
import { expressionFault } from '../../src/expressions/expression.ts';
import { parseSettings } from '../../src/settings/parse-settings.ts';
import { SettingsError } from '../../src/settings/settings-error.ts';
import { deployedSettings } from './deployed-settings.ts';
import { SnapshotError, takeSnapshot } from './snapshot.ts';

const USAGE = `usage: npm run preflight -- FILE.bicepparam [--location REGION]

Says whether the app would start with what FILE.bicepparam deploys: the template evaluates the parameters, and the app's own
parser reads the settings that come of them. It reaches no cloud, and changes nothing.`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { location: { type: 'string', default: 'japaneast' }, help: { type: 'boolean', short: 'h' } },
});
const [file] = positionals;
if (values.help === true || file === undefined || positionals.length > 1) {
  console.log(USAGE);
  process.exit(values.help === true ? 0 : 2);
}

try {
  const resources = await takeSnapshot(path.resolve(file), values.location);
  const {
    resources: visions,
    accessPolicy,
    webhookSources,
    console: page,
  } = parseSettings(deployedSettings(resources), expressionFault, compileNames);
  console.log(
    `${file}: ${resources.length} resources; the app would start, with the resources ${[...visions.keys()].join(', ')},` +
      ` ${accessPolicy.length} grants and ${webhookSources.size} webhook sources;` +
      ` ${page === null ? 'no console page' : `people sign in to the console page by ${page.signIn.join(' or ')}`}.`,
  );
} catch (error) {
  if (!(error instanceof SnapshotError || error instanceof SettingsError)) throw error;
  console.error(`${file}: ${error.message}`);
  process.exit(1);
}
