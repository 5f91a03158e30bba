import { Cron } from 'croner';
import type { TypedData } from './core-api.ts';
import type { Invocations } from './invocation.ts';
import type { RegisteredFunction } from './registry.ts';

/** What a timer function is given; the library turns the names into camel case. */
export function timerInput({ isPastDue, nowMs }: { isPastDue: boolean; nowMs: number }): { data: TypedData } {
  const at = new Date(nowMs).toISOString();
  const timer = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: at, LastUpdated: at, Next: at },
    IsPastDue: isPastDue,
  };
  return { data: { json: JSON.stringify(timer) } };
}

export interface TimersOptions {
  functions: RegisteredFunction[];
  invocations: Invocations;
  resolveSetting: (text: string) => string;
  now: () => number;
}

/**
 * Runs timer functions by their NCRONTAB schedule (six fields, UTC), never twice at a time. The real host
 * also keeps several instances from running one timer together; this one does not, which makes a harder test.
 */
export function startTimers({ functions, invocations, resolveSetting, now }: TimersOptions): {
  stop(): void;
} {
  const jobs = functions
    .filter(({ trigger }) => trigger.type === 'timerTrigger')
    .map((registered) => {
      const run = async (): Promise<void> => {
        try {
          await invocations.invoke({
            ...timerInput({ isPastDue: false, nowMs: now() }),
            function: registered,
            reason: 'Timer fired',
          });
        } catch {
          // Logged by the invocation; the next tick comes all the same.
        }
      };
      const schedule = resolveSetting(registered.trigger.schedule ?? '');
      if (schedule.trim().split(/\s+/).length !== 6) {
        throw new Error(
          `timer "${registered.name}": "${schedule}" is not an NCRONTAB expression of six fields`,
        );
      }
      const job = new Cron(schedule, { utcOffset: 0, protect: true }, run);
      if (registered.trigger.runOnStartup === true) void job.trigger();
      return job;
    });
  return {
    stop() {
      for (const job of jobs) job.stop();
    },
  };
}
