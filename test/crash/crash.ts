import path from 'node:path';
import { parseArgs } from 'node:util';
import { BROKEN_VARIANTS } from './broken-variants.ts';
import { runCrash } from './run-crash.ts';

const BROKEN = new Map(
  BROKEN_VARIANTS.map(({ replacement }) => [path.parse(replacement.by).name, replacement]),
);

const USAGE = `npm run crash -- [options]

Renames through the built app while its processes are killed (SIGKILL) at every step and at random moments, and restarted.
Then lets everything settle and judges what is left. Exits with 1 if there is a violation.

  --kills N       processes to kill (1000)
  --seed N        chooses the points and the workload (random, and printed)
  --instances N   instances that run at the same time (3)
  --clients N     clients that work at the same time (16)
  --timeout N     the shorter upstream timeout, in seconds; longer on a busy machine (2)
  --minutes N     no more kills after this time (30)
  --broken NAME   break the product first: ${[...BROKEN.keys()].join(', ')}`;

const { values: args } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    instances: { type: 'string', default: '3' },
    clients: { type: 'string', default: '16' },
    timeout: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '30' },
    broken: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (args.help) {
  console.log(USAGE);
  process.exit();
}

const broken = args.broken === undefined ? null : BROKEN.get(args.broken);
if (broken === undefined) throw new Error(`there is no broken variant ${args.broken}`);
const seed = args.seed === undefined ? Date.now() % 1_000_000 : Number(args.seed);
console.log(`seed ${seed}`);
const report = await runCrash({
  seed,
  broken,
  kills: Number(args.kills),
  instances: Number(args.instances),
  clients: Number(args.clients),
  upstreamTimeoutSeconds: Number(args.timeout),
  maxDurationMs: Number(args.minutes) * 60_000,
  onProgress: (line) => console.log(line),
});

print('Kills by point', report.killsByPoint);
print('Records by status', report.recordsByStatus);
print('Records by trigger', report.recordsByTrigger);
print('Undos by status', report.undosByStatus);
print('Answers by status', report.answersByStatus);
for (const { invariant, found } of report.violations) console.log(`VIOLATED: ${invariant}\n  ${found}`);
const { kills, effects, edits, settledByState, violations, tookMs } = report;
print(`Seed ${seed}`, {
  kills,
  effects,
  edits,
  'answers lost at the end': report.answersLostAtTheEnd,
  'second effects after them': report.secondEffects,
  'settled by state': settledByState,
  violations: violations.length,
  seconds: Math.round(tookMs / 1000),
});
process.exit(violations.length > 0 ? 1 : 0);

function print(title: string, table: object): void {
  console.log(`\n${title}`);
  console.table(table);
}
