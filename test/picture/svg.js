/** The size of a character of the picture, in its own units. */
const WIDTH = 8.4;
const HEIGHT = 18;
const MARGIN = 16;

/** What terminals call 0 to 15, on a dark ground; each stands out from it by at least 4.5 to 1. */
const COLOURS = [
  ...['#6e7681', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#39c5cf', '#e6edf3'],
  ...['#8b949e', '#ffa198', '#7ee787', '#f2cc60', '#a5d6ff', '#e2c5ff', '#56d4dd', '#ffffff'],
];

const STYLE = `
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre }
  .b { font-weight: bold } .d { opacity: .7 } .i { text-decoration: underline }
  ${COLOURS.map((colour, index) => `.c${index} { fill: ${colour} }`).join(' ')}`;

/**
 * A moving picture of a terminal: the screens stand side by side, and the window goes from one to the next. A line
 * that several screens show is written once. Whoever wants no motion sees the last screen.
 */
export function pictureOf(frames, { columns, rows }) {
  const width = columns * WIDTH + 2 * MARGIN;
  const height = rows * HEIGHT + 2 * MARGIN;
  const lines = new Map();
  const screens = frames.map(({ lines: shown }, index) =>
    shown
      .map((runs, row) => {
        if (runs.length === 0) return '';
        const drawn = runs.map(drawRun).join('');
        if (!lines.has(drawn)) lines.set(drawn, `l${lines.size}`);
        return `<use href="#${lines.get(drawn)}" x="${index * width + MARGIN}" y="${MARGIN + (row + 0.75) * HEIGHT}"/>`;
      })
      .join(''),
  );
  const total = frames.reduce((sum, { ms }) => sum + ms, 0);
  let passed = 0;
  const moves = frames.map(({ ms }, index) => {
    const at = ((passed / total) * 100).toFixed(3);
    passed += ms;
    return `${at}% { transform: translateX(-${(index * width).toFixed(1)}px) }`;
  });
  const last = ((frames.length - 1) * width).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(1)} ${height}" role="img" aria-labelledby="t">
<title id="t">drillbook drill database-corruption: a database breaks, is recovered step by step, and the time is measured</title>
<style>${STYLE}
  @keyframes play { ${moves.join(' ')} 100% { transform: translateX(-${last}px) } }
  #film { animation: play ${(total / 1000).toFixed(2)}s steps(1, end) infinite }
  @media (prefers-reduced-motion: reduce) { #film { animation: none; transform: translateX(-${last}px) } }
</style>
<defs>${[...lines].map(([drawn, id]) => `<text id="${id}">${drawn}</text>`).join('\n')}</defs>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<g id="film">${screens.join('\n')}</g>
</svg>
`;
}

/** Widths are said, since fonts differ: box and sign stay in their columns. */
function drawRun({ text, style }) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return style === '' ? escaped : `<tspan class="${style}">${escaped}</tspan>`;
}
