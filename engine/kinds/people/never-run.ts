/** Kinds that people do are answered at a gate; the interpreter never runs them. */
export const doneByPeople = (): Promise<never> =>
  Promise.reject(new TypeError('a step that people do cannot be run'));
