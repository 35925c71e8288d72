import { nearest } from '../source/nearest.ts';
import { CommandError, EXIT } from './exit.ts';
import { TEMPLATES } from './templates.ts';
import type { Template } from './templates.ts';
import { isInteractive } from './terminal.ts';

/** The template of that name; without a name the operator is asked, where there is a terminal. */
export async function chooseTemplate(name: string | undefined, question: string): Promise<Template> {
  if (name !== undefined) return namedTemplate(name);
  if (!isInteractive()) {
    throw new CommandError('nobody can be asked what it is to be about, as there is no terminal', {
      exitCode: EXIT.operatorNeeded,
      hint: `Nothing was written. Say it with --template: ${NAMES.join(', ')}.`,
    });
  }
  const { pick } = await import('../present/pick.ts');
  const picked = await pick(
    question,
    TEMPLATES.map((template) => ({ name: template.title, value: template })),
  );
  if (picked.ok) return picked.value;
  throw new CommandError(picked.error, { exitCode: EXIT.interrupted, hint: 'Nothing was written.' });
}

const NAMES = TEMPLATES.map(({ name }) => name);

function namedTemplate(name: string): Template {
  const found = TEMPLATES.find((template) => template.name === name);
  if (found !== undefined) return found;
  const near = nearest(name, NAMES);
  throw new CommandError(`there is no template "${name}"`, {
    exitCode: EXIT.invalid,
    hint: `Nothing was written. ${near === undefined ? `There are ${NAMES.join(', ')}.` : `Did you mean "${near}"?`}`,
  });
}
