// Preloaded into an instance: its wall clock is off by CRASH_CLOCK_OFFSET_MS. Its monotonic clock is not.

const offsetMs = Number(process.env['CRASH_CLOCK_OFFSET_MS'] ?? 0);

if (offsetMs !== 0) {
  const trueNow = Date.now;
  const now = () => trueNow() + offsetMs;
  Date.now = now;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new Date(now()).toString(),
  });
}
