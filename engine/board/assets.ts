import { STYLE } from '../report/page/style.ts';
import { THEME } from '../report/page/theme.ts';

/** The theme and the style of the reports, and what only the board has. */
export const BOARD_STYLE = `${THEME}${STYLE}
.top { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; align-items: center; padding: .5rem 1.5rem; border-bottom: 1px solid var(--line); background: var(--soft); }
.top form { margin: 0 0 0 auto; }
.info { color: var(--info); overflow-wrap: anywhere; } p.warn { color: var(--warn); font-weight: 600; }
button { padding: .45rem 1rem; border: 1px solid var(--line); border-radius: .3rem; font: inherit; color: var(--text); background: var(--soft); cursor: pointer; }
button.primary { border-color: var(--link); color: var(--page); background: var(--link); font-weight: 600; }
button[disabled] { opacity: .5; cursor: default; }
input, textarea, select { max-width: 100%; padding: .4rem .6rem; border: 1px solid var(--info); border-radius: .3rem; font: inherit; color: var(--text); background: var(--page); }
textarea, input.wide { width: 40rem; } input[type=radio] { width: auto; }
fieldset { margin: .6rem 0; border: 1px solid var(--line); border-radius: .3rem; }
.runs { padding: 0; list-style: none; } .runs li { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; padding: .5rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.runs a { font-weight: 600; } .runs code { color: var(--info); } .state.info { color: var(--link); }
.run h1 { margin-bottom: .2rem; } .run .info { margin: 0 0 .6rem; }
#link { margin: 0; } #link.lost { padding: .4rem .8rem; border-left: .35rem solid var(--bad); background: var(--soft); font-weight: 600; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1rem; }
.panels section { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere; }
.panels h2 { margin: 0 0 .4rem; } .panels p { margin: .2rem 0; } .panels ul, .panels ol { margin: 0; padding-left: 1.2rem; }
.panels .clock { grid-column: 1 / -1; border-left: .5rem solid var(--info); } .panels .clock.good { border-left-color: var(--good); } .panels .clock.warn { border-left-color: var(--warn); } .panels .clock.bad { border-left-color: var(--bad); }
.clock .big { font-size: clamp(2.6rem, 9vw, 6rem); line-height: 1.05; font-weight: 700; font-variant-numeric: tabular-nums; } .clock .of { color: var(--info); font-size: .4em; font-weight: 400; }
.budget { display: block; width: 100%; height: 1.6rem; margin: .5rem 0; } .budget .ground { fill: var(--soft); } .budget .spent { fill: var(--machine); } .budget .p50 { fill: var(--machine); opacity: .45; } .budget .p90 { fill: var(--machine); opacity: .2; } .budget .promise { fill: var(--text); }
.loss strong { font-size: 1.6rem; } .panels .waits { border-color: var(--warn); border-width: 2px; }
.question { margin: 1.2rem 0; padding: .2rem 1.2rem 1rem; border: 2px solid var(--warn); border-radius: .5rem; overflow-wrap: anywhere; } .question .says { font-size: 1.1rem; }
.answers { display: flex; flex-wrap: wrap; gap: .5rem; }
#words { padding: 0; list-style: none; } #words li { padding: .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } #words time { color: var(--info); font-variant-numeric: tabular-nums; margin-right: .6rem; }
#words .good { color: var(--good); } #words .bad { color: var(--bad); font-weight: 600; } #words .warn { color: var(--warn); }
section.others { margin-top: 3rem; }
@media screen and (min-width: 100rem) { main { max-width: 110rem; font-size: 1.2rem; } }
`;

/** All that runs in the browser: it puts what the server made where it belongs, and lets the clock run. */
export const BOARD_SCRIPT = `'use strict';
const live = document.getElementById('live');
if (live !== null) watch(live);

function watch(live) {
  const byId = (id) => document.getElementById(id);
  const put = (id, html) => {
    const place = byId(id);
    if (place !== null) place.innerHTML = html;
  };
  let ticked = performance.now();
  const feed = new EventSource(live.dataset.events);
  feed.addEventListener('open', () => say(''));
  feed.addEventListener('error', () => say('The connection is lost. What you see is of ' + new Date().toLocaleTimeString() + '.'));
  feed.addEventListener('trouble', ({ data }) => say(data));
  feed.addEventListener('now', ({ data }) => {
    put('now', data);
    ticked = performance.now();
  });
  feed.addEventListener('timeline', ({ data }) => {
    const before = live.querySelector('.scroll');
    const at = before === null ? 0 : before.scrollLeft;
    put('timeline', data);
    const after = live.querySelector('.scroll');
    if (after !== null) after.scrollLeft = at;
  });
  feed.addEventListener('question', ({ data }) => put('question', data));
  feed.addEventListener('happened', ({ data, lastEventId }) => {
    const words = byId('words');
    const newest = words.firstElementChild;
    if (data === '' || (newest !== null && newest.value >= Number(lastEventId))) return;
    words.insertAdjacentHTML('afterbegin', data);
    while (words.childElementCount > 200) words.lastElementChild.remove();
  });

  function say(text) {
    const place = byId('link');
    if (place.textContent === text) return;
    place.textContent = text;
    place.className = text === '' ? '' : 'lost';
  }

  setInterval(() => {
    const clock = live.querySelector('[data-ticks]');
    if (clock !== null) clock.textContent = clockText(Number(clock.dataset.clock) + performance.now() - ticked);
  }, 500);
}

document.addEventListener('submit', ({ target, submitter }) => {
  if (target.matches('.answer')) setTimeout(() => target.querySelectorAll('button').forEach((each) => { each.disabled = true; }), 0);
});

function clockText(millis) {
  const seconds = Math.floor(millis / 1000);
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = (hours > 0 ? two(Math.floor(seconds / 60) % 60) : String(Math.floor(seconds / 60))) + ':' + two(seconds % 60);
  return hours > 0 ? hours + ':' + rest : rest;
}
`;
