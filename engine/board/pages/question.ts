import { timeOfDay } from '../../base/human.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject, listOf } from '../../base/json.ts';
import { needsReason } from '../../model/ports.ts';
import { valueText } from '../../report/labels.ts';
import type { Html } from '../../report/page/html.ts';
import { markup } from '../../report/page/html.ts';
import type { Standing } from '../ports.ts';
import type { Asked } from '../question.ts';
import { choicesOf, inputType, textOf, textsOf } from '../question.ts';
import { wordOf } from '../words.ts';
import type { Viewer } from './layout.ts';
import { formField } from './layout.ts';

/** What is asked, with all that the run's own terminal shows of it, and the ways to answer. */
export function questionHtml(
  run: string,
  asked: Asked | undefined,
  viewer: Viewer,
  standing: Standing,
): Html {
  if (asked === undefined) return markup``;
  const { question, gate, since } = asked;
  return markup`<section class="question" data-gate="${gate}" aria-labelledby="asked-title">
<h2 id="asked-title">${textOf(question['title']) ?? asked.key}</h2>
<p class="info">asked at ${timeOfDay(since / 1000)}</p>
${saysHtml(question)}
${standing === 'known' ? answerForm(run, asked, viewer) : markup`<p class="warn">${refusal(standing, viewer)}</p>`}
</section>`;
}

const refusal = (standing: Standing, { person }: Viewer): string =>
  standing === 'signs'
    ? `The environment wants the signature of ${person}, which a browser cannot give: answer at the terminal.`
    : `The environment of this run knows nobody called ${person}: start the board with --as NAME.`;

/** What a question says, member by member, with a name where one is needed. */
const SAYS: readonly (readonly [member: string, name: string])[] = [
  ['message', ''],
  ['instructions', ''],
  ['describe', 'What it does'],
  ['effect', 'Effect'],
  ['why', 'Why'],
  ['reason', 'What is known'],
  ['error', 'What went wrong'],
  ['attempt', 'Attempt'],
  ['escalation', 'Call'],
  ['items', 'To be ticked off'],
  ['targets', 'Targets'],
  ['values', 'With other values'],
  ['role', 'Who may say yes'],
  ['by', 'Done by'],
  ['byHand', 'By hand'],
];

function saysHtml(question: JsonObject): Html {
  const said = SAYS.flatMap(([member, name]) => {
    const value = question[member];
    return value === undefined || value === null || isEmpty(value)
      ? []
      : [[name, contentHtml(member, value)] as const];
  });
  const prompt = isJsonObject(question['input']) ? textOf(question['input']['prompt']) : undefined;
  return markup`${prompt === undefined ? undefined : markup`<p>${prompt}</p>`}
${said.map(([name, content]) => (name === '' ? markup`<div class="says">${content}</div>` : markup`<h3>${name}</h3>${content}`))}
${question['voidsUndo'] === true ? markup`<p class="warn">What was done before it cannot be undone any more.</p>` : undefined}
${question['believed'] === true ? markup`<p class="warn">It is said only to read, and nothing holds it to that.</p>` : undefined}`;
}

/** A step that touches nothing has no targets to be shown. */
const isEmpty = (value: Json): boolean => Array.isArray(value) && value.length === 0;

function contentHtml(member: string, value: Json): Html {
  if (member === 'byHand') return markup`<pre tabindex="0">${textOf(value)}</pre>`;
  if (typeof value === 'string') return markup`${value.split('\n\n').map((part) => markup`<p>${part}</p>`)}`;
  const all = listOf(value);
  if (all.length > 0) return markup`<ul>${all.map((each) => markup`<li>${valueText(each)}</li>`)}</ul>`;
  if (isJsonObject(value))
    return markup`<dl class="facts">${Object.entries(value).map(([name, each]) => markup`<div><dt>${name}</dt><dd>${valueText(each)}</dd></div>`)}</dl>`;
  return markup`<p>${valueText(value)}</p>`;
}

function answerForm(run: string, asked: Asked, viewer: Viewer): Html {
  const { gate } = asked;
  const secret = inputType(asked) === 'secret';
  const choices = choicesOf(asked, viewer.person).filter((choice) => !(secret && choice === 'value'));
  const wantsReason = choices.some((choice) => isReasoned(choice));
  return markup`<form method="post" action="/runs/${run}/answers" class="answer">
${formField(viewer)}<input type="hidden" name="gate" value="${gate}">
<button type="submit" disabled hidden></button>
${secret ? markup`<p>A secret is asked for: it is given at the terminal of the run only.</p>` : fields(asked, choices)}
${wantsReason ? markup`<p><label>Why <span class="info">(for: ${choices.filter(isReasoned).map(wordOf).join(', ')})</span><br><textarea name="reason" rows="2" maxlength="4000"></textarea></label></p>` : undefined}
${choices.includes('note') ? markup`<p><label>Note<br><textarea name="text" rows="2" maxlength="4000"></textarea></label></p>` : undefined}
<p class="answers">${choices.map((choice, index) => markup`<button name="answer" value="${choice}"${index === 0 ? markup` class="primary"` : undefined}>${LABELS.get(choice) ?? wordOf(choice)}</button> `)}</p>
</form>`;
}

/** A word that every answer of that name may be given with. */
const isReasoned = (choice: string): boolean => REASONED.has(choice);
const REASONED: ReadonlySet<string> = new Set(
  (['decline', 'byHand', 'accept', 'skip', 'giveUp', 'otherwise', 'abort'] as const).filter(needsReason),
);

/** Where a word alone would say too little. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['go', 'Go ahead'],
  ['done', 'Done'],
  ['decline', 'No'],
  ['byHand', 'Done by hand'],
  ['retry', 'Retry'],
  ['accept', 'Accept it as it is'],
  ['skip', 'Skip it'],
  ['giveUp', 'Give up this item'],
  ['undo', 'Undo it'],
  ['escalate', 'They were called: note it'],
  ['happened', 'Yes, it happened'],
  ['notHappened', 'No, it did not: run it'],
  ['value', 'Answer'],
  ['branch', 'Choose'],
  ['pay', 'Yes, do it now'],
  ['leave', 'Leave it open'],
  ['note', 'Take the note'],
  ['pause', 'Pause the run'],
  ['abort', 'Abort the run'],
]);

function fields(asked: Asked, choices: readonly string[]): Html {
  const { question } = asked;
  const typed = textOf(question['typed']);
  const outputs = choices.some((choice) => ['byHand', 'done', 'happened'].includes(choice))
    ? textsOf(question['outputs'])
    : [];
  const branches = listOf(question['branches']).filter((each) => isJsonObject(each));
  return markup`${typed === undefined ? undefined : markup`<p><label>To go ahead, type <code>${typed}</code><br><input name="typed" autocomplete="off"></label></p>`}
${branches.length === 0 ? undefined : markup`<fieldset><legend>Which way</legend>${branches.map((branch) => markup`<p><label><input type="radio" name="branch" value="${textOf(branch['name'])}"> ${textOf(branch['title'])}</label></p>`)}</fieldset>`}
${outputs.map((name) => markup`<p><label>${name}<br><input name="output.${name}" autocomplete="off"></label></p>`)}
${choices.includes('value') ? inputField(question) : undefined}`;
}

function inputField(question: JsonObject): Html {
  const input = isJsonObject(question['input']) ? question['input'] : {};
  const type = textOf(input['type']) ?? 'text';
  const options = listOf(input['options']).filter((each) => isJsonObject(each));
  const preset = question['default'] === undefined ? '' : valueText(question['default']);
  if (type === 'boolean' || (type === 'choice' && options.length > 0)) {
    const all =
      type === 'boolean'
        ? [['yes', 'yes'] as const, ['no', 'no'] as const]
        : options.map((each) => [textOf(each['value']), textOf(each['label'])] as const);
    return markup`<p><label>Answer<br><select name="value">${all.map(([value, label]) => markup`<option value="${value}"${value === preset ? markup` selected` : undefined}>${label ?? value}</option>`)}</select></label></p>`;
  }
  if (type === 'list') {
    const named = options.map((each) => textOf(each['value'])).join(', ');
    return markup`<p><label>Answer <span class="info">(a line for each${named === '' ? '' : `: ${named}`})</span><br><textarea name="value" rows="4"></textarea></label></p>`;
  }
  const how = HOW.get(type);
  return markup`<p><label>Answer${how === undefined ? undefined : markup` <span class="info">(${how})</span>`}<br><input name="value" value="${preset}" autocomplete="off"></label></p>`;
}

const HOW: ReadonlyMap<string, string> = new Map([
  ['time', 'as 10 minutes ago, 2026-11-22 14:55 UTC'],
  ['duration', 'as 1h30m'],
  ['number', 'a number'],
]);
