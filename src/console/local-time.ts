const UTC_FORM = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/;

/** "26 Nov 2026", in the reader's own language and time zone. */
export function localDay(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

export function localTime(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

/** "2026-11-26 20:43:20 UTC" */
export function utcTime(iso: string): string {
  const [, day = '', time = ''] = UTC_FORM.exec(new Date(iso).toISOString()) ?? [];
  return `${day} ${time} UTC`;
}
