/** How pages look; the colours are the theme's. */
export const STYLE = `
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 var(--sans); color: var(--text); background: var(--page); }
main { max-width: 80rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { margin: 0 0 .5rem; font-size: 1.8rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; padding: .5rem 1rem; background: var(--page); }
.skip:focus { left: .5rem; top: .5rem; z-index: 1; }
.verdict { display: inline-block; margin: 0 0 1rem; padding: .35rem .8rem; border-left: .35rem solid var(--info); background: var(--soft); font-weight: 600; overflow-wrap: anywhere; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); } .verdict.warn { border-color: var(--warn); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: .15rem 2rem; margin: 0; }
.facts div { display: flex; gap: .6rem; } dt { flex: 0 0 6.5rem; color: var(--info); } dd { margin: 0; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 1.2rem 0 0; padding: .6rem 0 0; border-top: 1px solid var(--line); list-style: none; font-size: .9rem; }
.note { max-width: 65rem; color: var(--info); overflow-wrap: anywhere; }

.verdicts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem 2rem; margin: 0 0 1.4rem; }
.objective { padding: .8rem 1rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
.figure { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; margin: 0; }
.figure .what { flex: 0 0 100%; color: var(--info); } .figure strong { font-size: 1.9rem; line-height: 1.3; } .figure .of { color: var(--info); }
.badge { margin-left: auto; padding: .1rem .7rem; border-radius: 1rem; border: 2px solid; font-weight: 700; }
.badge.met { color: var(--good); } .badge.missed, .badge.unproven { color: var(--bad); }
.gauge { position: relative; display: flex; height: 1.3rem; margin: .5rem 0 .4rem; background: var(--soft); border-radius: .2rem; }
.gauge .part { min-width: 3px; height: 100%; } .gauge .part:first-child { border-radius: .2rem 0 0 .2rem; }
.part.met { background: var(--good); } .part.missed, .part.unproven { background: var(--bad); }
.part.second { opacity: .6; }
.part.hatched { background-image: repeating-linear-gradient(135deg, var(--soft) 0 4px, transparent 4px 8px); }
.target { position: absolute; top: -.35rem; bottom: -.35rem; width: 3px; background: var(--text); }
.margin { margin: 0; } .parts { margin: .2rem 0 0; color: var(--info); font-size: .9rem; } .parts .swatch:first-child { margin-left: 0; }
.swatch { display: inline-block; width: .75em; height: .75em; margin-left: .6rem; border-radius: 2px; }

.scroll { overflow-x: auto; } .scroll .chart { min-width: 47rem; }
.chart { display: block; width: 100%; height: auto; font-family: var(--sans); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem .5rem; margin: .4rem 0; padding: 0; list-style: none; color: var(--info); font-size: .9rem; }
.legend svg { width: 1em; height: 1em; margin-left: .6rem; vertical-align: -.12em; }
.machine { background: var(--machine); } .human { background: var(--human); } .external { background: var(--external); } .retry { background: var(--retry); } .down { background: var(--down); }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--link); }

.scorecard .verdict { font-size: 1.15rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0 0 1.2rem; padding: 0; list-style: none; }
.tiles li { flex: 1 1 6.4rem; padding: .5rem .8rem; border: 1px solid var(--line); border-top: .25rem solid var(--line); border-radius: .3rem; color: var(--info); line-height: 1.25; }
.tiles strong { display: block; color: var(--text); font-size: 1.6rem; font-variant-numeric: tabular-nums; }
.tiles .good { border-top-color: var(--good); } .tiles .bad { border-top-color: var(--bad); } .tiles .warn { border-top-color: var(--warn); }
.small.gauge { height: .6rem; min-width: 7rem; margin: .4rem 0 .3rem; } span.good { color: var(--good); } span.bad { color: var(--bad); }
.scorecard td { overflow-wrap: break-word; } .scorecard td:nth-child(2) { min-width: 9rem; } .scorecard .verdict { max-width: 100%; } .scorecard td:first-child, .whole { white-space: nowrap; }
.reasons { margin: 0; padding: 0 0 0 1rem; }
.state { margin: 0 0 .4rem; font-weight: 700; } .state.good { color: var(--good); } .state.bad { color: var(--bad); } .state.warn { color: var(--warn); }
.playbook { margin-top: 3rem; padding-top: .2rem; border-top: 2px solid var(--line); } .playbook > .facts { margin-top: .8rem; }
h2 code { color: var(--info); font-weight: 400; } h3 { margin: 1.4rem 0 .3rem; font-size: 1rem; overflow-wrap: anywhere; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .4rem 2rem; max-width: 76rem; }
figure { margin: 0; max-width: 40rem; } figcaption { color: var(--info); }

.share { display: grid; grid-template-columns: minmax(6rem, 16rem) 1fr 5rem; gap: .8rem; align-items: center; margin: .2rem 0; }
.shares:not(.plain) .share:first-child { font-weight: 600; } .share .name { overflow-wrap: anywhere; line-height: 1.25; } .share .length { text-align: right; font-variant-numeric: tabular-nums; }
.stack { display: flex; height: 1rem; background: var(--soft); border-radius: .2rem; overflow: hidden; } .stack span { height: 100%; }

section.long { content-visibility: auto; contain-intrinsic-size: auto 60rem; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, thead td { padding: .3rem .6rem; border-bottom: 2px solid var(--line); text-align: left; color: var(--info); font-weight: 600; }
td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { min-width: 6rem; }
td.good { color: var(--good); } td.bad { color: var(--bad); font-weight: 600; } td.warn { color: var(--warn); } td.info { color: var(--info); }
.bar { display: inline-block; width: 10rem; height: .7rem; margin-right: .6rem; background: var(--soft); vertical-align: -.05rem; }
.bar span { display: block; height: 100%; background: var(--machine); }
code, pre { font: .82rem/1.4 var(--mono); } pre { overflow-x: auto; padding: .8rem; background: var(--soft); border-radius: .3rem; }
ins, del { text-decoration: none; } ins { color: var(--good); } del { color: var(--bad); }

@media screen and (max-width: 40rem) {
  main { padding: 1rem .9rem 3rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { padding: .1rem 0; border: 0; }
  td:empty { display: none; }
  tbody td::before { color: var(--info); font-weight: 400; }
  .share { grid-template-columns: 1fr 5rem; gap: .1rem .8rem; } .stack { grid-column: 1 / -1; grid-row: 2; }
  .badge { margin-left: 0; }
}
@page { margin: 1.4cm; }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  section.long { content-visibility: visible; }
  h2, h3, figcaption, .legend { break-after: avoid; } .scroll { break-inside: avoid; } .scorecard { break-after: page; } .scorecard:last-child { break-after: auto; } .pair { grid-template-columns: 1fr 1fr; }
  tr, figure, .tiles li, .objective, .chart, .share { break-inside: avoid; } thead { display: table-header-group; }
  .scroll, .table, pre { overflow: visible; } .scroll .chart { min-width: 0; } pre { white-space: pre-wrap; }
  details:not([open]) { display: none; }
  .table td { min-width: 5em; } .table tr:not(:has(> :nth-child(7))) > td { min-width: 7.2em; }
  .scorecard, .scorecard table { font-size: 8pt; line-height: 1.25; } .scorecard .verdict { font-size: 11pt; } .scorecard .tiles li { flex-basis: 5rem; padding: .3rem .5rem; } .scorecard td:last-child { min-width: 13rem; } .scorecard h1 { font-size: 16pt; } .scorecard .tiles strong { font-size: 14pt; } .scorecard td { padding: .15rem .5rem; } .small.gauge { min-width: 5rem; margin: .2rem 0 .15rem; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
