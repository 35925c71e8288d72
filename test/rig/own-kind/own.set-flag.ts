import { readFile, writeFile } from 'node:fs/promises';
import { StepError } from 'drillbook/kind';
import type { StepKind } from 'drillbook/kind';

interface With {
  readonly file: string;
  readonly on: boolean;
}

interface Output {
  readonly was: boolean;
  /** A time by the schema, so that a text in RFC 3339 is enough. */
  readonly at: string;
}

type Flags = Readonly<Record<string, boolean>>;

/** Turns the flag `readOnly` of an application on or off, in the file that it reads its flags from. */
const setFlag: StepKind<With, Output> = {
  name: 'own.set-flag',
  effect: () => 'write',
  describe: ({ file, on }) => `Turn read-only mode ${on ? 'on' : 'off'} in ${file}`,
  byHand: ({ file, on }) => `echo '{"readOnly":${String(on)}}' > ${file}`,
  targets: () => [],
  async run({ file, on }, context) {
    const flags = await flagsOf(file);
    await writeFile(file, JSON.stringify({ ...flags, readOnly: on }));
    context.log(`written ${file}`);
    return { was: flags['readOnly'] ?? false, at: new Date().toISOString() };
  },
};

async function flagsOf(file: string): Promise<Flags> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Flags;
  } catch (cause) {
    throw new StepError(`the flags of the application cannot be read from ${file}`, {
      code: 'noFlags',
      hint: 'Is the application installed here?',
      cause,
    });
  }
}

export default setFlag;
