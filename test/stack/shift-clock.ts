/**
 * A preload: moves the wall clock of a process by `CLOCK_SHIFT_MS`, as on a machine whose clock is wrong. No
 * timer and no monotonic clock moves.
 */
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const now = Date.now.bind(Date);
Date.now = () => now() + shiftMs;
globalThis.Date = new Proxy(Date, {
  construct: (real, args: unknown[], newTarget): object =>
    Reflect.construct(real, args.length === 0 ? [real.now()] : args, newTarget),
  apply: (real) => new real(real.now()).toString(),
});
