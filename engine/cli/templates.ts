import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NewFile } from './new-files.ts';
import { SHIPPED_PLAYBOOKS } from './paths.ts';
import { schemaAddress } from './schema-line.ts';

/** What a new folder, or a new playbook, can be about. Its files lie in `playbooks/templates/<name>/`. */
export interface Template {
  readonly name: string;
  /** For whoever is asked. */
  readonly title: string;
  /** The id of its playbook unless another is given, and what people call it. */
  readonly id: string;
  readonly playbookTitle: string;
  /** Where its playbook is drilled: in a world or the sandbox on this machine, or in staging. */
  readonly environment: 'sandbox' | 'staging';
}

export const TEMPLATES: readonly Template[] = [
  {
    name: 'machine',
    title: 'PostgreSQL and a service on machines of your own (ssh, systemd, pgBackRest)',
    id: 'database-lost',
    playbookTitle: 'The database is lost',
    environment: 'sandbox',
  },
  {
    name: 'django-render',
    title: 'Django and PostgreSQL on Render',
    id: 'database-lost',
    playbookTitle: 'The database is lost',
    environment: 'sandbox',
  },
  {
    name: 's3',
    title: 'Files in S3 on AWS',
    id: 'deleted-files',
    playbookTitle: 'Deleted files',
    environment: 'sandbox',
  },
  {
    name: 'rds',
    title: 'PostgreSQL on Amazon RDS, by the command aws',
    id: 'database-lost',
    playbookTitle: 'The database is lost',
    environment: 'staging',
  },
  {
    name: 'kubernetes',
    title: 'A deployment on Kubernetes, by kubectl',
    id: 'bad-release',
    playbookTitle: 'A bad release',
    environment: 'staging',
  },
  {
    name: 'compose',
    title: 'PostgreSQL and a service in Docker Compose',
    id: 'database-lost',
    playbookTitle: 'The database is lost',
    environment: 'staging',
  },
];

export interface Filling {
  readonly id: string;
  readonly title: string;
  /** The folder of playbooks, as it was given. */
  readonly playbooks: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
}

const FOLDER = join(SHIPPED_PLAYBOOKS, 'templates');

/** The playbook of a template, and the world in which it is drilled unless the folder has worlds. */
export function playbookFiles(template: Template, filling: Filling): readonly NewFile[] {
  const { playbooks, id } = filling;
  return [
    file(template, 'playbook.yaml', join(playbooks, `${id}.yaml`), filling),
    ...(existsSync(join(playbooks, 'worlds')) ? [] : worldFiles(template, filling)),
  ];
}

/** All that a folder begins with. */
export function folderFiles(template: Template, filling: Filling): readonly NewFile[] {
  const { playbooks } = filling;
  return [
    ...playbookFiles(template, filling),
    file(template, 'environment.yaml', join(playbooks, 'environments', 'staging.yaml'), filling),
    file(template, '../schedule.yaml', join(playbooks, 'schedule.yaml'), filling),
    file(template, '../workflow.yml', join('.github', 'workflows', 'drillbook.yml'), filling),
  ];
}

function worldFiles(template: Template, filling: Filling): readonly NewFile[] {
  const from = join(FOLDER, template.name, 'worlds');
  const names = existsSync(from) ? readdirSync(from).sort() : [];
  return names.map((name) =>
    file(template, join('worlds', name), join(filling.playbooks, 'worlds', name), filling),
  );
}

function file(template: Template, name: string, path: string, filling: Filling): NewFile {
  const text = readFileSync(join(FOLDER, template.name, name), 'utf8');
  const values = new Map(Object.entries(valuesOf(template, filling)));
  return {
    path,
    text: text
      .replace(/__([a-zA-Z]+)__/g, (hole, word: string) => {
        const value = values.get(word);
        if (value === undefined) throw new Error(`nothing fills ${hole} in ${name} of ${template.name}`);
        return value;
      })
      .replace(
        /^(# yaml-language-server: \$schema=)(\S+)/,
        (_, lead: string, schema: string) => lead + schemaAddress(path, schema).address,
      ),
  };
}

function valuesOf({ environment }: Template, { id, title, playbooks, today }: Filling) {
  const options = playbooks === 'playbooks' ? '' : ` --playbooks ${playbooks}`;
  const drill = `      - run: npx drillbook drill ${id} --unattended${options}\n`;
  return {
    id,
    title: scalar(title),
    today,
    nextReview: threeMonthsAfter(today),
    environment,
    playbooks,
    options,
    drill: environment === 'sandbox' ? drill : '',
    what: environment === 'sandbox' ? 'drills' : 'leaves the drills in staging to people',
  };
}

/** `api-down` as a title: `Api down`. */
export const titleOf = (id: string): string =>
  id.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());

/** A text as YAML: plain where that is certain to be read as it is. */
const scalar = (text: string): string =>
  /^[A-Za-z][\w ,'()/-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);

function threeMonthsAfter(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + 3, 0)).getUTCDate();
  return new Date(Date.UTC(year, month + 2, Math.min(date, last))).toISOString().slice(0, 10);
}
