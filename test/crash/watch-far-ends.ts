import type { JournalEntry, SimulatorAnswer, SimulatorHooks } from '../stack/simulator-server.ts';
import type { Stack } from '../stack/stack.ts';
import { ageAcceptedRenames } from './age-accepted-renames.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import { INSTANCE_HEADER } from './instance-mark.ts';
import type { FarEndStage } from './kill-points.ts';
import type { Recorder } from './recorder.ts';

/**
 * Kills the instance if this is its planned point. Resolves to true once it is dead, to false if it is not
 * its point.
 */
export type KillAt = (instance: string, step: FarEndStep, stage: FarEndStage) => Promise<boolean>;

/**
 * Watches every far end: records what happens, and kills an instance at its planned point before the far end
 * goes on.
 */
export function watchFarEnds({
  stack: { customVision, tables, queues },
  recorder,
  killAt,
  isAcceptedOld = () => true,
}: {
  readonly stack: Pick<Stack, 'customVision' | 'tables' | 'queues'>;
  readonly recorder: Recorder;
  readonly killAt: KillAt;
  /** Asked for each list of accepted renames: whether the sweep takes their messages for lost. */
  readonly isAcceptedOld?: () => boolean;
}): void {
  watch(customVision.hooks, upstreamStepOf, {
    received: recorder.recordReceived,
    done: recorder.recordUpstream,
    answered: recorder.recordAnswered,
  });
  watch(tables.hooks, storageStepOf, {
    done(entry, answer) {
      recorder.recordWrite(entry, answer);
      if (isAcceptedOld()) ageAcceptedRenames(entry, answer);
    },
  });
  watch(queues.hooks, storageStepOf, {});

  function watch<Effect>(
    hooks: SimulatorHooks<Effect>,
    stepOf: (entry: JournalEntry<Effect>) => FarEndStep | null,
    record: {
      readonly received?: (entry: JournalEntry<Effect>) => void;
      readonly done?: (entry: JournalEntry<Effect>, answer: SimulatorAnswer<Effect>) => void;
      readonly answered?: (entry: JournalEntry<Effect>) => void;
    },
  ): void {
    const at = async (entry: JournalEntry<Effect>, stage: FarEndStage): Promise<boolean> => {
      const step = stepOf(entry);
      const instance = entry.headers[INSTANCE_HEADER];
      return step !== null && instance !== undefined && killAt(instance, step, stage);
    };
    hooks.onReceived = async (entry) => {
      record.received?.(entry);
      if (await at(entry, 'lost')) throw new Error('the request is lost with its sender');
      await at(entry, 'late');
    };
    hooks.onEffect = async (entry, answer) => {
      record.done?.(entry, answer);
      if (isEmptyDequeue(stepOf(entry), answer)) return;
      await at(entry, 'done');
    };
    hooks.onAnswered = async (entry) => {
      record.answered?.(entry);
      await at(entry, 'answered');
    };
  }
}

function isEmptyDequeue(step: FarEndStep | null, { body }: SimulatorAnswer<unknown>): boolean {
  return step === 'dequeue' && !String(body).includes('<MessageText>');
}
