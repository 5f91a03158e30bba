import type { JournalEntry, SimulatorAnswer, SimulatorHooks } from '../stack/simulator-server.ts';
import type { Stack } from '../stack/stack.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import { INSTANCE_HEADER } from './instance-mark.ts';
import type { FarEndStage } from './kill-points.ts';
import type { Recorder } from './recorder.ts';

/** Kills the instance where this is what it was to die at; true where it was, and is dead by now. */
export type Strike = (instance: string, step: FarEndStep, stage: FarEndStage) => Promise<boolean>;

/** Stands at every far end: writes down what takes place, and stops the world where an instance is to die. */
export function watchFarEnds({
  stack: { customVision, tables, queues },
  recorder,
  strike,
}: {
  readonly stack: Pick<Stack, 'customVision' | 'tables' | 'queues'>;
  readonly recorder: Recorder;
  readonly strike: Strike;
}): void {
  watch(customVision.hooks, upstreamStepOf, recorder.recordUpstream);
  watch(tables.hooks, storageStepOf, recorder.recordTransaction);
  watch(queues.hooks, storageStepOf, () => {});

  function watch<Effect>(
    hooks: SimulatorHooks<Effect>,
    stepOf: (entry: JournalEntry<Effect>) => FarEndStep | null,
    record: (entry: JournalEntry<Effect>, answer: SimulatorAnswer<Effect>) => void,
  ): void {
    const at = async (entry: JournalEntry<Effect>, stage: FarEndStage): Promise<boolean> => {
      const step = stepOf(entry);
      const instance = entry.headers[INSTANCE_HEADER];
      return step !== null && instance !== undefined && strike(instance, step, stage);
    };
    hooks.onReceived = async (entry) => {
      if (await at(entry, 'lost')) throw new Error('the request is lost with its sender');
      await at(entry, 'late');
    };
    hooks.onEffect = async (entry, answer) => {
      record(entry, answer);
      if (isEmptyDequeue(stepOf(entry), answer)) return;
      await at(entry, 'done');
    };
    hooks.onAnswered = async (entry) => {
      await at(entry, 'answered');
    };
  }
}

function isEmptyDequeue(step: FarEndStep | null, { body }: SimulatorAnswer<unknown>): boolean {
  return step === 'dequeue' && !String(body).includes('<MessageText>');
}
