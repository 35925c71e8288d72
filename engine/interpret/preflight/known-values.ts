import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap, valueMap } from '../../base/value.ts';
import { EvaluationError } from '../../model/ports.ts';
import type { Evaluator, Scope } from '../../model/ports.ts';
import type { Effect } from '../../model/playbook.ts';
import type { Expression, Template } from '../../model/template.ts';
import type { StepKind } from '../../model/kind.ts';
import { changesNothing, effectOf } from '../life/effect.ts';
import type { StepEffect } from '../life/effect.ts';
import { shownText } from '../life/text.ts';

/** Unknown values stand as a text, or as a thing with a name and an id: a kind can only describe what it can read. */
const SHAPES = ['text', 'thing'] as const;

type Shape = (typeof SHAPES)[number];

/** Renders what can be rendered before a run; the rest becomes a placeholder that shows its expression. */
export class Known {
  readonly #evaluator: Evaluator;
  readonly #scope: Scope;

  constructor(evaluator: Evaluator, scope: Scope) {
    this.#evaluator = evaluator;
    this.#scope = scope;
  }

  /** The arguments of a step; `whole` when nothing in them is a placeholder. */
  args(template: Template, shape: Shape = 'text'): { readonly args: ValueMap; readonly whole: boolean } {
    let whole = true;
    const value = this.#render(template, (expression) => {
      whole = false;
      const name = `‹${expression.source.trim()}›`;
      return shape === 'text' ? name : { name, id: name, renderId: name };
    });
    return { args: isValueMap(value) ? value : {}, whole };
  }

  /** The items of a list of texts, where it is known already. */
  names(template: Template): readonly string[] | undefined {
    const unknown: Expression[] = [];
    const value = this.#render(template, (expression) => {
      unknown.push(expression);
      return null;
    });
    const isNames =
      unknown.length === 0 && isValueList(value) && value.every((item) => typeof item === 'string');
    return isNames ? value : undefined;
  }

  /** The value, where all of it is known. */
  value(template: Template): Value | undefined {
    const unknown: Expression[] = [];
    const value = this.#render(template, (expression) => {
      unknown.push(expression);
      return null;
    });
    return unknown.length === 0 ? value : undefined;
  }

  /** The same of an expression. */
  valueOf(expression: Expression): Value | undefined {
    return this.value({ type: 'expression', expression, span: expression.span });
  }

  text(template: Template): string {
    return shown(this.#render(template, (expression) => `‹${expression.source.trim()}›`));
  }

  /** `maybe`: the run will know. */
  test(when: Expression): 'yes' | 'no' | 'maybe' {
    try {
      return this.#evaluator.test(when, this.#scope) ? 'yes' : 'no';
    } catch (error) {
      if (error instanceof EvaluationError) return 'maybe';
      throw error;
    }
  }

  /** What a kind says of its arguments; undefined when it stumbles over each form of what is not known yet. */
  say(template: Template, ask: (args: ValueMap) => string | undefined): string | undefined {
    for (const shape of SHAPES) {
      try {
        const said = ask(this.args(template, shape).args);
        if (said !== undefined && !/undefined|\[object|not known yet|without a name/.test(said)) return said;
      } catch {
        // The next shape.
      }
    }
    return undefined;
  }

  #render(template: Template, placeholder: (expression: Expression) => Value): Value {
    switch (template.type) {
      case 'literal':
        return template.value;
      case 'expression':
        return this.#evaluate(template.expression, placeholder);
      case 'text':
        return template.parts
          .map((part) => (typeof part === 'string' ? part : shown(this.#evaluate(part, placeholder))))
          .join('');
      case 'list':
        return template.items.map((item) => this.#render(item, placeholder));
      case 'map':
        return valueMap(
          template.entries.map(({ key, value }) => [key, this.#render(value, placeholder)] as const),
        );
    }
  }

  #evaluate(expression: Expression, placeholder: (expression: Expression) => Value): Value {
    try {
      return this.#evaluator.evaluate(expression, this.#scope);
    } catch (error) {
      if (error instanceof EvaluationError) return placeholder(expression);
      throw error;
    }
  }
}

/** The effect of a step with what is known of its arguments; a kind that stumbles over the rest says nothing. */
export function knownEffect(kind: StepKind, args: ValueMap, said: Effect | undefined): StepEffect {
  try {
    return effectOf(kind, args, said);
  } catch {
    return {
      effect: said ?? 'unknown',
      scripted: true,
      believed: said !== undefined && changesNothing(said),
    };
  }
}

const shown = (value: Value): string => shownText(isValueMap(value) ? (value['name'] ?? value) : value);
