// The colours and fonts of everything that drillbook shows in a browser. What draws names them by
// `var(--name)`, and so is light or dark as the reader's system is.

interface Colours {
  readonly text: string;
  /** Text that matters less; still readable on `page` and on `soft`. */
  readonly info: string;
  readonly page: string;
  readonly soft: string;
  readonly line: string;
  readonly link: string;
  readonly good: string;
  readonly bad: string;
  readonly warn: string;
  // The time classes, as bars.
  readonly machine: string;
  readonly human: string;
  readonly external: string;
  readonly retry: string;
  readonly down: string;
}

const LIGHT: Colours = {
  text: '#1f2328',
  info: '#57606a',
  page: '#ffffff',
  soft: '#f3f5f8',
  line: '#d0d7de',
  link: '#0757b8',
  good: '#1a7f37',
  bad: '#c01c28',
  warn: '#8a5a00',
  machine: '#2f81f7',
  human: '#e0a100',
  external: '#8a63d2',
  retry: '#e5484d',
  down: '#9aa4af',
};

const DARK: Colours = {
  text: '#e6edf3',
  info: '#9ea7b3',
  page: '#0d1117',
  soft: '#1a2028',
  line: '#3d444d',
  link: '#6cb0ff',
  good: '#4ac26b',
  bad: '#ff8182',
  warn: '#d9a93b',
  machine: '#4493f8',
  human: '#d9a520',
  external: '#a884f0',
  retry: '#ff6b6e',
  down: '#6b7683',
};

const SANS = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';

const variables = (colours: Colours): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${String(value)}`)
    .join(';');

/** What a page's style begins with. Paper is always light. */
export const THEME = `
:root { color-scheme: light dark; --sans: ${SANS}; --mono: ${MONO}; ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
`;
