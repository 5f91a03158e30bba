import type { SettingName } from './settings.schema.ts';

/** One error lists all faults, each with the name of its setting: an operator corrects them in one round. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    // The host logs each line by itself and takes only the first for an error, so the first has all faults.
    super(
      [`The app settings are not usable: ${faults.join('; ')}`, ...faults.map((fault) => `- ${fault}`)].join(
        '\n',
      ),
    );
    this.faults = faults;
  }
}

/** Adds one fault of a setting: the end of a sentence that begins with the setting's name. */
export type AddFault = (name: SettingName, fault: string) => void;
