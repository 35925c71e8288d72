import type * as PlotLibrary from '@observablehq/plot';
import { harmless } from '../../base/text.ts';
import type { Html } from './html.ts';
import { trusted } from './html.ts';

export type Plot = typeof PlotLibrary;

/** Draws with the library: its options say what, `label` says to whoever cannot see it what it is a picture of. */
export type Draw = (
  what: (plot: Plot) => PlotLibrary.PlotOptions,
  label: string,
  /** In its units. */
  fontSize?: number,
) => Html;

/** In the units of a chart, which is drawn once and takes the width that the page has. */
export const CHART_WIDTH = 1000;

/** What is used of an element; the types of browsers are not known here. */
interface Drawn {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<Drawn>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

/** Loads the library, and a document for it to draw into. */
export async function charts(): Promise<Draw> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const window: unknown = parseHTML('<html><body></body></html>');
  if (!hasDocument(window)) throw new Error('linkedom made no document');
  const { document } = window;
  return (what, label, fontSize = 12) => {
    const svg: unknown = plot.plot({ width: CHART_WIDTH, ...what(plot), document });
    if (!isDrawn(svg)) throw new Error('the library drew nothing');
    for (const style of svg.querySelectorAll('style')) style.remove();
    // The library names its groups, which a picture with a label of its own may not.
    for (const group of svg.querySelectorAll('[aria-label]')) group.removeAttribute('aria-label');
    for (const name of ['width', 'height', 'font-family']) svg.removeAttribute(name);
    // An attribute and no style: the board's pages allow none inside of them.
    svg.setAttribute('font-size', String(fontSize));
    svg.setAttribute('class', 'chart');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', harmless(label));
    return trusted(svg.outerHTML);
  };
}

/** Its window answers for what it has not got as its own: `in` does not find it. */
const hasDocument = (value: unknown): value is { readonly document: unknown } =>
  typeof value === 'object' && value !== null && Reflect.get(value, 'document') !== undefined;

const isDrawn = (value: unknown): value is Drawn =>
  typeof value === 'object' && value !== null && 'outerHTML' in value;
