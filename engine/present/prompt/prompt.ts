import type { createPrompt } from '@inquirer/core';

/** A prompt as inquirer makes it. */
export type Prompt<Value, Config> = ReturnType<typeof createPrompt<Value, Config>>;

export type PromptContext = NonNullable<Parameters<Prompt<unknown, unknown>>[1]>;
