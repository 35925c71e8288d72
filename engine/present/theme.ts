/** What a piece of text means; never said by colour alone, so that it survives NO_COLOR. */
export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'bad' | 'warn' | 'accent';

export interface Symbols {
  readonly ok: string;
  readonly bad: string;
  readonly skip: string;
  readonly open: string;
  readonly wait: string;
  readonly pause: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly rule: string;
  readonly spinner: readonly string[];
}

export interface Theme {
  readonly symbols: Symbols;
  paint(tone: Tone, text: string): string;
}

const UNICODE: Symbols = {
  ok: '✔',
  bad: '✖',
  skip: '○',
  open: '▸',
  wait: '‖',
  pause: '⏸',
  dot: '·',
  ellipsis: '…',
  rule: '─',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const ASCII: Symbols = {
  ok: '+',
  bad: 'x',
  skip: 'o',
  open: '>',
  wait: '|',
  pause: '=',
  dot: '-',
  ellipsis: '...',
  rule: '-',
  spinner: ['-', '\\', '|', '/'],
};

const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  bold: '1',
  good: '32',
  bad: '31',
  warn: '33',
  accent: '36',
};

export function createTheme(options: { readonly color: boolean; readonly unicode: boolean }): Theme {
  return {
    symbols: options.unicode ? UNICODE : ASCII,
    paint: (tone, text) =>
      options.color && tone !== 'plain' && text !== '' ? `\u001B[${SGR[tone]}m${text}\u001B[0m` : text,
  };
}

/** Whether the terminal's locale can show more than ASCII, by the rules of POSIX (`LC_ALL` before `LC_CTYPE` before `LANG`). */
export function speaksUnicode(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): boolean {
  if (platform === 'win32') return env['WT_SESSION'] !== undefined;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((name) => (name ?? '') !== '') ?? '';
  return /utf-?8/i.test(locale);
}
