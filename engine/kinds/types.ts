// Made from schemas/steps/ by `npm run generate`: change those and run it again.
import type { Duration } from '../base/duration.ts';
import type { Instant } from '../base/instant.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { Target } from '../model/environment.ts';

/**
 * What `with` holds when a kind gets it.
 */
export type With = {
  readonly ask: {
    /**
     * What is asked, one after the other; each answer is a member of the output.
     */
    readonly inputs: {
      readonly [k: string]: {
        /**
         * The question.
         */
        readonly prompt: string;
        /**
         * What kind of value; a text unless said, a choice where there are options or a list.
         */
        readonly type?: 'text' | 'time' | 'duration' | 'number' | 'boolean' | 'choice' | 'list' | 'secret';
        /**
         * For a choice, or with type list for several: a list, or what each value says.
         */
        readonly options?:
          | readonly string[]
          | {
              readonly [k: string]: string;
            };
        /**
         * A choice, or with type list several, out of a list that is known only now.
         */
        readonly list?: {
          /**
           * The list.
           */
          readonly from: readonly Value[];
          /**
           * What the answer is, of the chosen item.
           */
          readonly value: string | boolean;
          /**
           * What an item is called.
           */
          readonly label?: string | boolean;
          /**
           * What is shown of each item, by the name of the column.
           */
          readonly columns?: {
            /**
             * Of the item.
             */
            readonly [k: string]: string | boolean;
          };
          /**
           * Holds of the item that is offered first; of several, of those that are ticked already.
           */
          readonly default?: string | boolean;
        };
        /**
         * For a time: moments that can be taken without typing them, each by what it is called; one that is null or does not pass the check is left out.
         */
        readonly offers?: {
          /**
           * The moment.
           */
          readonly [k: string]: Value;
        };
        /**
         * What Enter gives.
         */
        readonly default?: Value;
        /**
         * A secret: sealed in the run's folder for a later life of the run.
         */
        readonly keep?: boolean;
        readonly check?: {
          /**
           * Must hold of value.
           */
          readonly that: string | boolean;
          /**
           * What is wrong when it does not hold.
           */
          readonly else?: string;
        };
      };
    };
  };
  readonly assert: Readonly<Record<string, never>>;
  readonly checklist: {
    /**
     * The points, in order.
     *
     * @minItems 1
     */
    readonly items: readonly string[];
    /**
     * What goes for all of them.
     */
    readonly instructions?: string;
  };
  readonly 'cloudflare.dns-record': {
    /**
     * The name that users know: `app.example.com`.
     */
    readonly name: string;
    /**
     * The service that it is to lead to: an entry of `env.services` with `url`.
     */
    readonly to: Target;
    /**
     * The type of the record; CNAME when absent. At the top of a zone DNS allows no CNAME.
     */
    readonly type?: 'A' | 'AAAA' | 'CNAME';
    /**
     * What the record holds; the host of the service's `url` when absent.
     */
    readonly content?: string;
    /**
     * How long others may remember it, in seconds; 60 when absent.
     */
    readonly ttl?: number;
  };
  readonly compare: {
    /**
     * One list: what is expected.
     */
    readonly left: readonly Value[];
    /**
     * The other: what is there.
     */
    readonly right: readonly Value[];
    /**
     * The members that tell an entry from all others; the entries themselves when absent.
     */
    readonly key?: readonly string[];
    /**
     * Members that are not compared.
     */
    readonly ignore?: readonly string[];
    /**
     * How far numbers or times may lie apart: 5, 1%, 30s; for all, or as a map by member.
     */
    readonly tolerance?: number | string | ValueMap;
  };
  readonly 'dns.lookup': {
    /**
     * The name.
     */
    readonly name: string;
    /**
     * The resolver that is asked: `1.1.1.1`, with `:port` where it is not 53. Those of this machine when absent.
     */
    readonly resolver?: string;
  };
  readonly 'file.list': {
    /**
     * The folder, or a single file: relative to the run's folder, or absolute.
     */
    readonly path: string;
    /**
     * How many files to name, the newest first; 100 when absent. All are counted.
     */
    readonly max?: number;
  };
  readonly 'file.read': {
    /**
     * The file: relative to the run's folder, or absolute.
     */
    readonly path: string;
    /**
     * What to make of it beside its text.
     */
    readonly as?: 'text' | 'json' | 'lines';
  };
  readonly 'file.write': {
    /**
     * The file: relative to the run's folder, or absolute.
     */
    readonly path: string;
    /**
     * The content as text.
     */
    readonly text?: string | ValueMap;
    /**
     * The content as JSON, instead of `text`.
     */
    readonly json?: Value;
    /**
     * Its permissions; "0600" when absent.
     */
    readonly mode?: string;
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * It may hold secrets, readable for whoever can read the file.
     */
    readonly secrets?: boolean;
  };
  readonly 'host.copy': {
    /**
     * The file or folder. Here: relative to the run's folder, or absolute; on a host: relative to where the account begins, or absolute.
     */
    readonly from: string;
    /**
     * The host that it lies on: an entry of `env.hosts`; here when absent.
     */
    readonly fromHost?: Target;
    /**
     * Its name there, not the folder to put it in.
     */
    readonly to: string;
    /**
     * The host that it goes to: an entry of `env.hosts`; here when absent.
     */
    readonly toHost?: Target;
    /**
     * On hosts: true for root, or the name of another account.
     */
    readonly sudo?: boolean | string;
    /**
     * What is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
  };
  readonly 'http.request': {
    /**
     * Where to: http or https. A secret where the address itself is one.
     */
    readonly url: string | ValueMap;
    /**
     * GET when absent.
     */
    readonly method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    /**
     * Headers by name: texts, numbers or secrets.
     */
    readonly headers?: {
      /**
       * A text, a number, or a secret.
       */
      readonly [k: string]: Value;
    };
    /**
     * Credentials: `{ bearer: … }` or `{ basic: { username, password } }`.
     */
    readonly auth?: {
      /**
       * A token.
       */
      readonly bearer?: string | ValueMap;
      /**
       * A user and a password.
       */
      readonly basic?: {
        /**
         * The user.
         */
        readonly username: string | ValueMap;
        /**
         * The password.
         */
        readonly password: string | ValueMap;
      };
    };
    /**
     * A body as JSON; secrets may stand in it as values.
     */
    readonly json?: Value;
    /**
     * A body as a form.
     */
    readonly form?: {
      /**
       * A text, a number, or a secret.
       */
      readonly [k: string]: Value;
    };
    /**
     * A body as it is.
     */
    readonly body?: string | ValueMap;
    /**
     * A file as the body: relative to the run's folder, or absolute.
     */
    readonly file?: string;
    /**
     * The Host header, where it is not that of the address: a server is asked by its own address.
     */
    readonly host?: string;
    /**
     * How a secure connection is held to be one: `ca`, `cert` and `key` (PEM, as secrets), `servername`; `insecure: true` looks at no certificate.
     */
    readonly tls?: {
      /**
       * Authorities in place of the public ones (PEM).
       */
      readonly ca?: string | ValueMap;
      /**
       * The certificate to show (PEM).
       */
      readonly cert?: string | ValueMap;
      /**
       * Its private key (PEM).
       */
      readonly key?: string | ValueMap;
      /**
       * The name that the other side's certificate has to bear.
       */
      readonly servername?: string;
      /**
       * Any certificate will do: nobody knows who answers.
       */
      readonly insecure?: boolean;
    };
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * A file for the answer, as evidence, however long it is: relative to the run's folder, or absolute.
     */
    readonly store?: string;
    /**
     * For the whole exchange, with `store` for a silence; 30s when absent.
     */
    readonly timeout?: Duration;
    /**
     * Statuses that are a success; any when absent.
     *
     * @minItems 1
     */
    readonly ok?: readonly number[];
  };
  readonly manual: {
    /**
     * What to do, for somebody who is tired and has not done it before.
     */
    readonly instructions: string;
  };
  readonly notify: {
    /**
     * An entry of `env.channels`.
     */
    readonly channel: ValueMap;
    /**
     * What to say.
     */
    readonly text: string;
    /**
     * One line: the subject of a mail, the summary of an incident. The first line of the text when absent.
     */
    readonly subject?: string;
    /**
     * What becomes of the run's incident, where there is one (PagerDuty, a status page); `trigger` when absent.
     */
    readonly event?: 'trigger' | 'acknowledge' | 'resolve';
    /**
     * How bad it is, for an incident; `error` when absent.
     */
    readonly severity?: 'critical' | 'error' | 'warning' | 'info';
  };
  readonly part: {
    /**
     * The name of the part, an entry of the playbook's `parts`.
     */
    readonly part: string;
    /**
     * Its inputs by name; one that is left out has its default, or is asked for.
     */
    readonly inputs?: ValueMap;
  };
  readonly pay: {
    /**
     * The id of the step with `undo: { at: exit }`.
     */
    readonly debt: string;
  };
  readonly playbook: {
    /**
     * The id of the playbook, looked for beside this one and among the shipped ones. Written out: an expression is refused, because `check` follows it.
     */
    readonly playbook: string;
    /**
     * Answers to its inputs; one that is missing and has no default is asked for.
     */
    readonly inputs?: ValueMap;
  };
  readonly 'postgres.compare': {
    /**
     * One database: an entry of `env.databases`, or one that a step created.
     */
    readonly left: Target;
    /**
     * The other one.
     */
    readonly right: Target;
    /**
     * `checksums` (when absent): every row, by its key. `counts`: how many rows. `schema`: definitions of tables, columns, constraints, indexes, triggers, policies, views, sequences, functions, types, extensions; not owners and grants. `surroundings`: what no dump carries: settings and grants of the database, roles, tablespaces, replication.
     */
    readonly mode?: 'counts' | 'checksums' | 'schema' | 'surroundings';
    /**
     * Only these tables; all of both when absent. Not with `surroundings`.
     */
    readonly tables?: readonly string[];
    /**
     * By table: the columns that rows are recognised by. The primary key when absent; the whole row where there is none.
     */
    readonly key?: {
      /**
       * @minItems 1
       */
      readonly [k: string]: readonly string[];
    };
    /**
     * So many rows of a table may differ (counts: by so many its counts) and it still counts as equal; 0 when absent.
     */
    readonly tolerance?: number;
  };
  readonly 'postgres.contents': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * Only these tables, by name; all when absent.
     *
     * @minItems 1
     */
    readonly tables?: readonly string[];
    /**
     * Tables whose rows are checksummed, by name: `orders` as the search path finds it, or `billing.invoices`.
     */
    readonly checksums?: readonly string[];
  };
  readonly 'postgres.copy-rows': {
    /**
     * Where the rows are: an entry of `env.databases`, or one that a step created. It is only read.
     */
    readonly from: Target;
    /**
     * Where they are missing: an entry of `env.databases`, or one that a step created.
     */
    readonly to: Target;
    /**
     * Which rows of which tables: `name`, `where` and `params`. `where` is an SQL condition on the table's columns, with `$1`, `$2` … for values; for every row it is `true`, in so many words. Parents go in before children, whatever the order here.
     *
     * @minItems 1
     *
     * Items: A table and which of its rows.
     */
    readonly tables: readonly {
      /**
       * The table: its name, or its schema and name.
       */
      readonly name: string;
      /**
       * An SQL condition on its columns, evaluated in `from`; `$1`, `$2` … for values. `true` for every row, in so many words.
       */
      readonly where: string;
      /**
       * Values for `$1`, `$2`, … Times, durations, whole numbers and bytes keep their types.
       */
      readonly params?: readonly Value[];
    }[];
    /**
     * `cascade`: also the rows that a deletion of the selected ones took along, over foreign keys with `on delete cascade`, at any depth. `none` when absent.
     */
    readonly follow?: 'none' | 'cascade';
    /**
     * Only counts what would be done; nothing is changed.
     */
    readonly preview?: boolean;
  };
  readonly 'postgres.drop-kept': {
    /**
     * The database that was restored into: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * `output.kept` of the restore, or of `postgres.put-back`; null where nothing was kept.
     */
    readonly kept: string | null;
  };
  readonly 'postgres.dump': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * The file, or the folder in directory format: relative to the run's folder, or absolute. `<step>.dump` in the run's folder when absent.
     */
    readonly to?: string;
    /**
     * `custom` (one file; when absent) or `directory` (a folder, which several jobs can write).
     */
    readonly format?: 'custom' | 'directory';
    /**
     * How many tables are dumped at a time; more than 1 only in directory format.
     */
    readonly jobs?: number;
    /**
     * From 0 (none) to 9; 1 when absent: the higher levels take several times as long and gain little.
     */
    readonly compression?: number;
    /**
     * Only these tables; the whole database when absent.
     */
    readonly tables?: readonly string[];
    /**
     * Definitions without rows.
     */
    readonly schemaOnly?: boolean;
  };
  readonly 'postgres.find-dump': {
    /**
     * The folder in which dumps lie, or one dump: relative to the run's folder, or absolute.
     */
    readonly path: string;
    /**
     * What their names look like, `*` for anything: `shop-*.dump`; all when absent, but for checksums and facts beside them.
     */
    readonly files?: string;
  };
  readonly 'postgres.inspect': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * The tables that matter, by name: `users` as the search path finds it, or `billing.invoices`. `env.application.tables` has this form.
     */
    readonly tables?: {
      readonly [k: string]: {
        /**
         * The column that says when a row was written.
         */
        readonly time?: string;
      };
    };
    /**
     * A table that something writes to all the time, so that a quiet night does not look like a loss; null where there is none. `env.application.heartbeat` and `env.application.worker` have this form.
     */
    readonly heartbeat?: {
      /**
       * Its name, as in `tables`.
       */
      readonly table: string;
      /**
       * The column that says when.
       */
      readonly time: string;
      /**
       * How old the newest may be for `output.heartbeat.alive`.
       */
      readonly within?: Duration;
    } | null;
    /**
     * Rows that were written after it do not count for `newest`: what proves that all of before is there. Null where it is not known.
     */
    readonly before?: Instant | null;
    /**
     * Read every row of `tables`, so that damage shows and rows are counted, and not from an index; true when absent. With false only what is there and when it was last written is asked, which is quick where the column of the time has an index.
     */
    readonly read?: boolean;
  };
  readonly 'postgres.load-sql': {
    /**
     * The dump, compressed with gzip or not: relative to the run's folder, or absolute.
     */
    readonly from: string;
    /**
     * The database that it is loaded into: an entry of `env.databases`, or one that a step created.
     */
    readonly to: Target;
  };
  readonly 'postgres.mask': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * The columns. `env.isolation.mask` has this form.
     *
     * @minItems 1
     *
     * Items: A column of text.
     */
    readonly columns: readonly {
      /**
       * Its table: `users` as the search path finds it, or `billing.customers`.
       */
      readonly table: string;
      /**
       * Its name.
       */
      readonly column: string;
      /**
       * Values that stay: the account by which a drill logs in.
       *
       * Items: One of them.
       */
      readonly keep?: readonly string[];
    }[];
  };
  readonly 'postgres.put-back': {
    /**
     * The database that was restored into: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * `output.kept` of the restore.
     */
    readonly kept: string | null;
  };
  readonly 'postgres.restore': {
    /**
     * The dump: relative to the run's folder, or absolute.
     */
    readonly from: string;
    /**
     * The database that it is restored into: an entry of `env.databases`, or one that a step created.
     */
    readonly to: Target;
    /**
     * `empty` (when absent): refused when the database holds anything. `replace what is there`: the dump takes the place of what is in it, once it is known to be whole.
     */
    readonly into?: 'empty' | 'replace what is there';
    /**
     * How many sessions load tables and build indexes side by side; 2 when absent. One table is loaded by one of them.
     */
    readonly jobs?: number;
    /**
     * Only these tables, with their partitions, keys, indexes, triggers and sequences; the whole dump when absent. `empty` then means that none of them is there; foreign keys to tables that are not restored are left out.
     */
    readonly tables?: readonly string[];
    /**
     * `only`: the rows of `tables`, which it needs, go into those tables as they are there, in one transaction. `empty` then means that there are no rows in them, and `replace what is there` that they are taken out first.
     */
    readonly data?: 'only';
    /**
     * Everything belongs to the role that restores, and no grants are made.
     */
    readonly noOwner?: boolean;
    /**
     * Roles of the dump and what they are called where it is restored: owners and grants go to those.
     */
    readonly roles?: {
      readonly [k: string]: string;
    };
  };
  readonly 'postgres.size': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * How many of the largest tables are listed; 10 when absent.
     */
    readonly largest?: number;
  };
  readonly recall: {
    /**
     * The playbook of those runs, by its id.
     */
    readonly playbook: string;
    /**
     * The key of the step there: `look`, or `look[videos]` for an item of a loop.
     */
    readonly step: string;
  };
  readonly 'redis.inspect': {
    /**
     * The database: an entry of `env.redis`.
     */
    readonly redis: Target;
    /**
     * Names of queues (lists) to count; Celery's lists of each priority count as one queue.
     */
    readonly queues?: readonly string[];
    /**
     * Beginnings of keys to count. All keys are gone through, in small steps.
     */
    readonly prefixes?: readonly string[];
  };
  readonly 'redis.purge': {
    /**
     * The database: an entry of `env.redis`.
     */
    readonly redis: Target;
    /**
     * Its name.
     */
    readonly queue: string;
    /**
     * A file to keep the messages in before they are removed: relative to the run's folder, or absolute. Without it the queue's name has to be typed.
     */
    readonly keep?: string;
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
  };
  readonly 'render.add-domain': {
    /**
     * The web service: an entry of `env.services`.
     */
    readonly service: Target;
    /**
     * The domain: `app.example.com`.
     */
    readonly name: string;
  };
  readonly 'render.allow-ip': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * Addresses or ranges to add: `203.0.113.7`, `203.0.113.0/24`, IPv6 too.
     *
     * @minItems 1
     */
    readonly add?: readonly string[];
    /**
     * Addresses or ranges to take away.
     */
    readonly remove?: readonly string[];
    /**
     * The whole list to have: what `previous` of an earlier step gave. Not beside the others.
     */
    readonly exactly?: readonly {
      /**
       * The range.
       */
      readonly cidrBlock?: string;
      /**
       * What it is for.
       */
      readonly description?: string;
    }[];
    /**
     * What the added ranges are for; the run's id when absent.
     */
    readonly description?: string;
  };
  readonly 'render.backups': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * Only what holds the data as it was before this moment.
     */
    readonly before?: Instant;
  };
  readonly 'render.compare-postgres': {
    /**
     * The one that is looked at.
     */
    readonly database: Target;
    /**
     * The one that it should be like.
     */
    readonly like: Target;
    /**
     * Settings that are meant to differ.
     */
    readonly except?: readonly (
      | 'version'
      | 'region'
      | 'databaseName'
      | 'databaseUser'
      | 'environmentId'
      | 'plan'
      | 'ipAllowList'
      | 'diskSizeGB'
      | 'diskAutoscalingEnabled'
      | 'highAvailabilityEnabled'
      | 'connectionPool'
      | 'parameterOverrides'
      | 'readReplicas'
    )[];
  };
  readonly 'render.compare-services': {
    /**
     * The one that is looked at.
     */
    readonly service: Target;
    /**
     * The one that it should be like.
     */
    readonly like: Target;
    /**
     * What is meant to differ, as `setting` of a difference names it: `plan`, `variables.DATABASE_URL`.
     */
    readonly except?: readonly string[];
  };
  readonly 'render.create-postgres': {
    /**
     * A database whose settings count where others are not given: plan, version, region, logical database and role, allow list, disk and its growing, high availability, pooler, parameters, read replicas, project environment.
     */
    readonly like?: Target;
    /**
     * The plan: basic_1gb, … Needed without `like`.
     */
    readonly plan?: string;
    /**
     * The major version of PostgreSQL, as a text: "16". Needed without `like`.
     */
    readonly version?: string;
    /**
     * The region.
     */
    readonly region?: 'frankfurt' | 'oregon' | 'ohio' | 'singapore' | 'virginia';
    /**
     * The logical database; without `like` Render picks a name when absent.
     */
    readonly databaseName?: string;
    /**
     * The role that owns it; without `like` Render picks a name when absent.
     */
    readonly user?: string;
    /**
     * The disk.
     */
    readonly diskSizeGB?: number;
    /**
     * With `false` without high availability and read replicas, which are billed beside it: for a copy that is deleted when the run ends. Those of `like` when absent.
     */
    readonly standbys?: boolean;
    /**
     * From where it can be reached; an empty list: from the private network only, and so without `like` when absent.
     */
    readonly allow?: readonly string[];
    /**
     * The Datadog that watches it. Render never tells a key, so that none is taken from another database.
     */
    readonly datadog?: {
      /**
       * The key.
       */
      readonly apiKey: string | ValueMap;
      /**
       * The site; US1 when absent.
       */
      readonly site?: string;
    };
  };
  readonly 'render.delete-postgres': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * `created by this run` (when absent): refused for any other. `any, with its backups`: whatever it is.
     */
    readonly which?: 'created by this run' | 'any, with its backups';
  };
  readonly 'render.deploy': {
    /**
     * The service: an entry of `env.services`.
     */
    readonly service: Target;
    /**
     * `deploy_only` reuses the last build and is the fastest; `build_and_deploy` when absent.
     */
    readonly mode?: 'deploy_only' | 'build_and_deploy';
    /**
     * Drop the build cache first; not with `deploy_only`.
     */
    readonly clearCache?: boolean;
  };
  readonly 'render.domains': {
    /**
     * The web service: an entry of `env.services`.
     */
    readonly service: Target;
  };
  readonly 'render.download-export': {
    /**
     * What render.export-postgres gave, or one of those that render.backups lists.
     */
    readonly export: ValueMap;
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * The folder to make: relative to the run's folder, or absolute; by the step's id in the run's folder when absent.
     */
    readonly to?: string;
  };
  readonly 'render.export-postgres': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
  };
  readonly 'render.maintenance': {
    /**
     * The service: an entry of `env.services`.
     */
    readonly service: Target;
    /**
     * Whether the public gets the maintenance page.
     */
    readonly enabled: boolean;
    /**
     * Address of the page to show; empty for Render's own, as it was when absent.
     */
    readonly page?: string;
  };
  readonly 'render.postgres': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
  };
  readonly 'render.recover-postgres': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * The moment, to the microsecond. It is waited for until Render can recover to it.
     */
    readonly at: Instant;
    /**
     * The plan of the new instance; that of the original when absent, and never a lower one.
     */
    readonly plan?: string;
    /**
     * With `false` without high availability and read replicas, which are billed beside it: for a copy that is deleted when the run ends. Those of the original when absent.
     */
    readonly standbys?: boolean;
    /**
     * The Datadog that watches the new instance; that of the original when absent.
     */
    readonly datadog?: {
      /**
       * The key.
       */
      readonly apiKey: string | ValueMap;
      /**
       * The site; US1 when absent.
       */
      readonly site?: string;
    };
  };
  readonly 'render.remove-domain': {
    /**
     * The web service: an entry of `env.services`.
     */
    readonly service: Target;
    /**
     * The domain: `app.example.com`.
     */
    readonly name: string;
  };
  readonly 'render.resume': {
    /**
     * The service: an entry of `env.services`.
     */
    readonly service: Target;
  };
  readonly 'render.service': {
    /**
     * The service: an entry of `env.services`.
     */
    readonly service: Target;
  };
  readonly 'render.set-env': {
    /**
     * The service: an entry of `env.services`.
     */
    readonly service: Target;
    /**
     * The name of the variable.
     */
    readonly key: string;
    /**
     * A text, a secret of the environment, or `{ connection, network }`: the connection string of a database. `network` is `internal` (for a service in the same region and workspace; when absent) or `external`.
     */
    readonly value: string | ValueMap;
  };
  readonly 'render.status': Readonly<Record<string, never>>;
  readonly 'render.suspend': {
    /**
     * The service: an entry of `env.services`.
     */
    readonly service: Target;
  };
  readonly 'render.verify-domain': {
    /**
     * The web service: an entry of `env.services`.
     */
    readonly service: Target;
    /**
     * The domain: `app.example.com`.
     */
    readonly name: string;
  };
  readonly 'route53.dns-record': {
    /**
     * The name that users know: `app.example.com`.
     */
    readonly name: string;
    /**
     * The service that it is to lead to: an entry of `env.services` with `url`.
     */
    readonly to: Target;
    /**
     * The type of the record; CNAME when absent. At the top of a zone DNS allows no CNAME.
     */
    readonly type?: 'A' | 'AAAA' | 'CNAME';
    /**
     * What the record holds; the host of the service's `url` when absent.
     */
    readonly content?: string;
    /**
     * How long others may remember it, in seconds; 60 when absent.
     */
    readonly ttl?: number;
  };
  readonly 's3.compare-buckets': {
    /**
     * What is expected: an entry of `env.buckets`, or one that a step created.
     */
    readonly left: Target;
    /**
     * What is there: an entry of `env.buckets`, or one that a step created.
     */
    readonly right: Target;
    /**
     * Only keys that begin with this, on both sides unless `rightPrefix` says otherwise.
     */
    readonly prefix?: string;
    /**
     * What the keys of the right begin with in place of `prefix`; the same when absent.
     */
    readonly rightPrefix?: string;
    /**
     * Objects of the left that were written at this moment or since may be on their way: they count as `writtenSince`. All are held against the right when absent.
     */
    readonly before?: Instant;
  };
  readonly 's3.compare-keys': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * Gives the keys as its first column and, if wanted, the moment of each as its second.
     */
    readonly query: string;
    /**
     * Names of tables and columns for the `{name}` places of the query, quoted part by part.
     */
    readonly identifiers?: {
      readonly [k: string]: string | readonly string[];
    };
    /**
     * Values for `$1`, `$2`, …
     */
    readonly params?: readonly Value[];
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Only keys that begin with this, on both sides unless `bucketPrefix` says otherwise.
     */
    readonly prefix?: string;
    /**
     * What the keys of the bucket begin with in place of `prefix`, as `s3.copy-bucket` writes them with `toPrefix`; the same when absent. Missing keys are named as the database knows them, extra ones as they are in the bucket.
     */
    readonly bucketPrefix?: string;
    /**
     * Objects without a key count as extra only if they were last written before this: what is being uploaded has no row yet. All of them when absent.
     */
    readonly extraBefore?: Instant;
    /**
     * An earlier comparison, as `recall` gives it: a key that was missing then is not counted as missing now.
     */
    readonly before?: ValueMap;
    /**
     * A replica of the bucket. A key of after `before` that it lacks too was missing before, unless the replica is behind: unless it lacks a key that is as old or older and that the bucket has.
     */
    readonly replica?: Target;
  };
  readonly 's3.configure': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * `replace`, as if nothing is said: each setting becomes what is given, and that alone. `strengthen`: nothing that the bucket has becomes weaker; rules, statements and tags are added to those that are there, by their ids.
     */
    readonly mode?: 'replace' | 'strengthen';
    /**
     * Only tells what would become different, and sets nothing.
     */
    readonly preview?: boolean;
    /**
     * What another bucket is, or was, set to, as `s3.inspect` tells it: each of its settings that is not given here. Where it names itself, in an ARN, as target of its own logs, as an origin, this bucket is named instead. What it had nothing of stays as it is.
     */
    readonly like?: ValueMap;
    /**
     * Of `like` only these settings.
     */
    readonly only?: readonly (
      | 'versioning'
      | 'encryption'
      | 'ownership'
      | 'publicAccessBlock'
      | 'policy'
      | 'cors'
      | 'tags'
      | 'lifecycle'
      | 'transitionDefaultMinimumObjectSize'
      | 'intelligentTiering'
      | 'objectLock'
      | 'notifications'
      | 'logging'
      | 'acceleration'
      | 'website'
      | 'requestPayment'
      | 'replication'
    )[];
    /**
     * Whether versions are kept.
     */
    readonly versioning?: 'Enabled' | 'Suspended';
    /**
     * Rules of the default encryption; none: `[]`.
     */
    readonly encryption?: readonly ValueMap[];
    /**
     * Whose what is uploaded is; `BucketOwnerEnforced` switches ACLs off.
     */
    readonly ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
    /**
     * The four flags that keep the public out; none: `{}`.
     */
    readonly publicAccessBlock?: ValueMap;
    /**
     * The bucket policy; none: `{}`.
     */
    readonly policy?: ValueMap;
    /**
     * Rules for browsers of other origins; none: `[]`.
     */
    readonly cors?: readonly ValueMap[];
    /**
     * Tags of the bucket, by name; none: `{}`.
     */
    readonly tags?: ValueMap;
    /**
     * Rules that move and expire objects; none: `[]`. One without `Filter` is for the whole bucket.
     */
    readonly lifecycle?: readonly ValueMap[];
    /**
     * The smallest objects that the transitions of the lifecycle move where a rule does not say so by its filter. Goes with a lifecycle.
     */
    readonly transitionDefaultMinimumObjectSize?: 'all_storage_classes_128K' | 'varies_by_storage_class';
    /**
     * Configurations of Intelligent-Tiering; none: `[]`.
     */
    readonly intelligentTiering?: readonly ValueMap[];
    /**
     * Object Lock, with the retention that new objects get. What is locked once stays so.
     */
    readonly objectLock?: ValueMap;
    /**
     * Who is told of events: topics, queues, functions, EventBridge; nobody: `{}`.
     */
    readonly notifications?: ValueMap;
    /**
     * Where access is logged; nowhere: `{}`.
     */
    readonly logging?: ValueMap;
    /**
     * Transfer acceleration.
     */
    readonly acceleration?: 'Enabled' | 'Suspended';
    /**
     * What it answers as a website: index, error page, redirects; none: `{}`.
     */
    readonly website?: ValueMap;
    /**
     * Who pays for requests: `BucketOwner` or `Requester`.
     */
    readonly requestPayment?: 'BucketOwner' | 'Requester';
    /**
     * Role and rules of the replication; none: `{}`.
     */
    readonly replication?: ValueMap;
  };
  readonly 's3.copy-bucket': {
    /**
     * Where to copy from: an entry of `env.buckets`, or one that a step created.
     */
    readonly from: Target;
    /**
     * Where to copy to: an entry of `env.buckets`, or one that a step created.
     */
    readonly to: Target;
    /**
     * Only keys that begin with this.
     */
    readonly prefix?: string;
    /**
     * What the keys of the copies begin with in place of `prefix`; the same when absent.
     */
    readonly toPrefix?: string;
    /**
     * The storage class of the copies; that of each original when absent.
     */
    readonly storageClass?: string;
    /**
     * What the copy is to the log of operations: a restore unless said. What fills a replica is none.
     */
    readonly for?: 'restore' | 'replication';
    /**
     * Most requests at a time; fewer when the service asks to slow down. 64 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.create-bucket': {
    /**
     * Its name; made of run and step when absent.
     */
    readonly name?: string;
    /**
     * Where; the region of the section `aws` when absent.
     */
    readonly region?: string;
  };
  readonly 's3.delete-bucket': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * `created by this run` (when absent): refused for any other. `any, with all that is in it`: whatever it is, once its name has been typed.
     */
    readonly which?: 'created by this run' | 'any, with all that is in it';
    /**
     * Most requests at a time; fewer when the service asks to slow down. 8 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.get': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Its key.
     */
    readonly key: string;
    /**
     * A version; the current one when absent.
     */
    readonly versionId?: string;
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * The file to write; without it the content becomes the output. A relative path lies in the run's folder.
     */
    readonly path?: string;
  };
  readonly 's3.hide': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * The keys of the objects.
     */
    readonly keys?: readonly string[];
    /**
     * A file with the keys, one to a line, each as a text in JSON: as `s3.compare-keys` writes them. Relative to the run's folder, or absolute.
     */
    readonly keysFile?: string;
    /**
     * Most requests at a time; fewer when the service asks to slow down. 32 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.inspect': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
  };
  readonly 's3.list-versions': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * One key.
     */
    readonly key?: string;
    /**
     * Only keys that begin with this.
     */
    readonly prefix?: string;
    /**
     * How many versions to name; 100 when absent. All are counted.
     */
    readonly max?: number;
  };
  readonly 's3.list': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Only keys that begin with this.
     */
    readonly prefix?: string;
    /**
     * How many objects to name; 100 when absent. All are counted.
     */
    readonly max?: number;
    /**
     * Which objects are named: the first by `key` (when absent), or the `newest`, newest first.
     */
    readonly order?: 'key' | 'newest';
  };
  readonly 's3.prove-replication': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly from: Target;
    /**
     * Its replica.
     */
    readonly to: Target;
    /**
     * Only keys that begin with this; the probe is put there too. The whole bucket when absent.
     */
    readonly prefix?: string;
    /**
     * How long an object may be under way; 15m when absent.
     */
    readonly within?: Duration;
  };
  readonly 's3.put': {
    /**
     * The file or folder: relative to the run's folder, or absolute.
     */
    readonly path: string;
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Of a file: its key.
     */
    readonly key?: string;
    /**
     * Of a folder: what the keys begin with; the rest are the names below it. Nothing when absent.
     */
    readonly prefix?: string;
    /**
     * The storage class; that of the service when absent.
     */
    readonly storageClass?: string;
    /**
     * The media type of all that is put; that of the service when absent.
     */
    readonly contentType?: string;
    /**
     * What is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * Most requests at a time; fewer when the service asks to slow down. 8 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.read-back': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Only keys that begin with this.
     */
    readonly prefix?: string;
    /**
     * How many objects to read, drawn by lot from all that are there; 100 when absent.
     */
    readonly sample?: number;
    /**
     * Read these instead.
     *
     * @minItems 1
     * @maxItems 1000
     */
    readonly keys?: readonly string[];
  };
  readonly 's3.restore-archived': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * One key.
     */
    readonly key?: string;
    /**
     * All keys that begin with this; the empty text is the whole bucket.
     */
    readonly prefix?: string;
    /**
     * A version of `key`.
     */
    readonly versionId?: string;
    /**
     * Of each key the version that was current at this moment.
     */
    readonly at?: Instant;
    /**
     * How long the readable copies stay; 7 when absent.
     */
    readonly days?: number;
    /**
     * How fast and how dear: Expedited, Standard (hours) or Bulk; Standard when absent.
     */
    readonly tier?: 'Expedited' | 'Standard' | 'Bulk';
    /**
     * Copies the objects in place to another storage class, so that they stay.
     */
    readonly permanent?: boolean;
    /**
     * The storage class for `permanent`; STANDARD when absent.
     */
    readonly storageClass?: string;
    /**
     * Most requests at a time; fewer when the service asks to slow down. 32 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.restore-version': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * One key.
     */
    readonly key?: string;
    /**
     * All keys that begin with this; the empty text is the whole bucket.
     */
    readonly prefix?: string;
    /**
     * A version of `key`.
     */
    readonly versionId?: string;
    /**
     * Of each key the version that was current at this moment.
     */
    readonly at?: Instant;
    /**
     * Most requests at a time; fewer when the service asks to slow down. 64 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.sync-down': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Only keys that begin with this.
     */
    readonly prefix?: string;
    /**
     * Outside of the run's folder: what is there with another content may be replaced.
     */
    readonly overwrite?: boolean;
    /**
     * The folder. A relative path lies in the run's folder.
     */
    readonly path: string;
    /**
     * Most requests at a time; fewer when the service asks to slow down. 32 when absent.
     */
    readonly concurrency?: number;
  };
  readonly 's3.undelete': {
    /**
     * The bucket: an entry of `env.buckets`, or one that a step created.
     */
    readonly bucket: Target;
    /**
     * Only keys that begin with this.
     */
    readonly prefix?: string;
    /**
     * Only these keys.
     */
    readonly keys?: readonly string[];
    /**
     * Only the keys of this file: one to a line, each as a text in JSON, as `s3.compare-keys` writes them. Relative to the run's folder, or absolute.
     */
    readonly keysFile?: string;
    /**
     * Only objects that were there at this moment; what was deleted before stays deleted.
     */
    readonly since?: Instant;
    /**
     * Most requests at a time; fewer when the service asks to slow down. 32 when absent.
     */
    readonly concurrency?: number;
  };
  readonly shell: {
    /**
     * For bash. Values go in by `env`.
     */
    readonly script?: string;
    /**
     * One command and its arguments, started without a shell.
     *
     * @minItems 1
     */
    readonly command?: readonly (string | number | boolean)[];
    /**
     * Variables: texts, numbers, booleans, times, durations or secrets. The command sees these, PATH, HOME and LANG, here the run's folder in DRILLBOOK_FOLDER, and no others.
     */
    readonly env?: {
      /**
       * A text, a number, a boolean, a time, a duration, or a secret.
       */
      readonly [k: string]: Value;
    };
    /**
     * The folder to run in; drillbook's own when absent; on a host the home of the account, with `sudo` of the one that logs in where the other may enter it.
     */
    readonly cwd?: string;
    /**
     * What the command reads on its standard input: a text, or a secret.
     */
    readonly stdin?: string | ValueMap;
    /**
     * Where it runs, over ssh: an entry of `env.hosts`; here when absent.
     */
    readonly host?: Target;
    /**
     * On a host: true for root, or the name of another account.
     */
    readonly sudo?: boolean | string;
    /**
     * On a host: long work that goes on when the connection ends, and is found again.
     */
    readonly job?: boolean;
    /**
     * Exit codes that are a success; [0] when absent.
     *
     * @minItems 1
     */
    readonly ok?: readonly number[];
    /**
     * What to make of the standard output beside its text.
     */
    readonly stdout?: 'text' | 'json' | 'lines';
  };
  readonly 'sql.execute': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * One statement; `$1`, `$2`, … for values, `{name}` for names.
     */
    readonly statement: string;
    /**
     * Values for `$1`, `$2`, … Times, durations, whole numbers and bytes keep their types.
     */
    readonly params?: readonly Value[];
    /**
     * Names of tables and columns for the `{name}` places of the text, quoted part by part: `public.users`, or a list of parts.
     */
    readonly identifiers?: {
      readonly [k: string]: string | readonly string[];
    };
  };
  readonly 'sql.query': {
    /**
     * The database: an entry of `env.databases`, or one that a step created.
     */
    readonly database: Target;
    /**
     * One statement; `$1`, `$2`, … for values, `{name}` for names.
     */
    readonly query: string;
    /**
     * Values for `$1`, `$2`, … Times keep their microseconds; durations, whole numbers and bytes their types.
     */
    readonly params?: readonly Value[];
    /**
     * Names of tables and columns for the `{name}` places of the text, quoted part by part: `public.users`, or a list of parts.
     */
    readonly identifiers?: {
      readonly [k: string]: string | readonly string[];
    };
    /**
     * More rows than this are an error; 1000 when absent.
     */
    readonly maxRows?: number;
  };
  readonly wait: {
    /**
     * How long.
     */
    readonly for?: Duration;
    /**
     * Until when; a moment that has passed ends the wait at once.
     */
    readonly until?: Instant;
  };
};

/**
 * What a kind gives.
 */
export type Output = {
  /**
   * The answers by name.
   */
  readonly ask: ValueMap;
  readonly assert: Readonly<Record<string, never>>;
  readonly checklist: Readonly<Record<string, never>>;
  readonly 'cloudflare.dns-record': {
    /**
     * The name.
     */
    readonly name: string;
    /**
     * The type of the record.
     */
    readonly type: string;
    /**
     * What it holds now.
     */
    readonly content: string;
    /**
     * Its TTL in seconds.
     */
    readonly ttl: number;
    /**
     * The record as it was before, or null when there was none.
     */
    readonly previous: {
      /**
       * Its type.
       */
      readonly type: string;
      /**
       * What it held.
       */
      readonly content: string;
      /**
       * Its TTL in seconds.
       */
      readonly ttl: number;
    } | null;
    /**
     * Whether this step changed where the name leads.
     */
    readonly changed: boolean;
  };
  readonly compare: {
    /**
     * Nothing is missing, extra or different.
     */
    readonly equal: boolean;
    /**
     * How many there are: `left`, `right`, `same`, `missing`, `extra`, `different`.
     */
    readonly counts: {
      /**
       * Entries of the one.
       */
      readonly left: number;
      /**
       * Entries of the other.
       */
      readonly right: number;
      /**
       * Entries that are equal.
       */
      readonly same: number;
      /**
       * Entries of the left that the right lacks.
       */
      readonly missing: number;
      /**
       * Entries of the right that the left lacks.
       */
      readonly extra: number;
      /**
       * Entries that differ.
       */
      readonly different: number;
    };
    /**
     * Keys of the left that the right lacks, the first 1,000.
     */
    readonly missing: readonly Value[];
    /**
     * Keys of the right that the left lacks, the first 1,000.
     */
    readonly extra: readonly Value[];
    /**
     * What differs, the first 1,000.
     */
    readonly different: readonly {
      /**
       * The key of the entry.
       */
      readonly key: Value;
      /**
       * The member that differs; null where the entries are no maps.
       */
      readonly member: string | null;
      /**
       * On the left.
       */
      readonly left: Value;
      /**
       * On the right.
       */
      readonly right: Value;
    }[];
    /**
     * There are more.
     */
    readonly truncated: boolean;
  };
  readonly 'dns.lookup': {
    /**
     * The names that it is an alias of, in small letters and without the last dot; empty where it is none, or does not exist.
     */
    readonly cnames: readonly string[];
    /**
     * The addresses that it leads to in the end, sorted.
     */
    readonly addresses: readonly string[];
  };
  readonly 'file.list': {
    /**
     * How many files.
     */
    readonly count: number;
    /**
     * Their sizes together.
     */
    readonly bytes: number;
    /**
     * When the newest was changed last; null when there is none.
     */
    readonly newest: Instant | null;
    /**
     * When the oldest was changed last; null when there is none.
     */
    readonly oldest: Instant | null;
    /**
     * `files` names all of them: what is asked of it is asked of all.
     */
    readonly complete: boolean;
    /**
     * The newest first.
     */
    readonly files: readonly {
      /**
       * The file.
       */
      readonly path: string;
      /**
       * The last part of its path.
       */
      readonly name: string;
      /**
       * Bytes.
       */
      readonly size: number;
      /**
       * When it was changed last.
       */
      readonly modified: Instant;
    }[];
  };
  readonly 'file.read': {
    /**
     * The file.
     */
    readonly path: string;
    /**
     * Its content, the first MiB.
     */
    readonly text: string;
    /**
     * Its lines; empty unless `as: lines`.
     */
    readonly lines: readonly string[];
    /**
     * Its content as JSON; null unless `as: json`.
     */
    readonly json: Value;
    /**
     * Its size, of all of it.
     */
    readonly bytes: number;
    /**
     * Its checksum, of all of it.
     */
    readonly sha256: string;
    /**
     * When it was changed last.
     */
    readonly modifiedAt: Instant;
    /**
     * It is longer than the text.
     */
    readonly truncated: boolean;
  };
  readonly 'file.write': {
    /**
     * The file.
     */
    readonly path: string;
    /**
     * Its size.
     */
    readonly bytes: number;
    /**
     * Its checksum.
     */
    readonly sha256: string;
    /**
     * Another content was replaced.
     */
    readonly replaced: boolean;
  };
  readonly 'host.copy': {
    /**
     * Where it is now.
     */
    readonly path: string;
    /**
     * `file` or `folder`.
     */
    readonly kind: 'file' | 'folder';
    /**
     * How many files were compared.
     */
    readonly files: number;
    /**
     * Their size.
     */
    readonly bytes: number;
    /**
     * Of a file its checksum; of a folder that of the list of all in it.
     */
    readonly sha256: string;
    /**
     * The same was there before; nothing was copied.
     */
    readonly already: boolean;
  };
  readonly 'http.request': {
    /**
     * The status of the answer.
     */
    readonly status: number;
    /**
     * The headers of the answer, their names in small letters.
     */
    readonly headers: {
      readonly [k: string]: string;
    };
    /**
     * The body as text, its first MiB.
     */
    readonly body: string;
    /**
     * The body as JSON; null where it is none.
     */
    readonly json: Value;
    /**
     * The body was longer than that.
     */
    readonly truncated: boolean;
    /**
     * From the look-up of the name to the end of the body, in milliseconds.
     */
    readonly durationMs: number;
    /**
     * The answer in a file; null without `store`.
     */
    readonly stored: {
      /**
       * The file.
       */
      readonly path: string;
      /**
       * Its size.
       */
      readonly bytes: number;
      /**
       * Its checksum.
       */
      readonly sha256: string;
    } | null;
  };
  readonly manual: Readonly<Record<string, never>>;
  readonly notify: {
    /**
     * The ways by which it was delivered.
     */
    readonly delivered: readonly string[];
    /**
     * The ways by which it was not.
     */
    readonly failed: readonly {
      /**
       * The way: slack, smtp, …
       */
      readonly way: string;
      /**
       * What went wrong, in a word.
       */
      readonly code: string;
      /**
       * What went wrong.
       */
      readonly message: string;
      /**
       * What to do about it.
       */
      readonly hint: string | null;
    }[];
  };
  readonly part: ValueMap;
  readonly pay: {
    /**
     * Whether something was owed, and is paid now; false when nothing was owed any more.
     */
    readonly paid: boolean;
  };
  readonly playbook: ValueMap;
  readonly 'postgres.compare': {
    /**
     * Whether everything that was compared is equal, within the tolerance.
     */
    readonly equal: boolean;
    /**
     * Rows only in `left`, in all tables. With `counts`: by how many rows `left` has more. With `schema` and `surroundings`: definitions.
     */
    readonly onlyLeft: number;
    /**
     * Rows only in `right`.
     */
    readonly onlyRight: number;
    /**
     * Rows with the same key and other values.
     */
    readonly differing: number;
    /**
     * Each table, with up to 20 `examples`. `left` or `right` is null where the table is not there: it is never equal then.
     *
     * Items: A table.
     */
    readonly tables: readonly {
      /**
       * Its name, with its schema.
       */
      readonly table: string;
      /**
       * Rows in `left`; null when the table is not there.
       */
      readonly left: number | null;
      /**
       * Rows in `right`; null when the table is not there.
       */
      readonly right: number | null;
      /**
       * Rows only in `left`.
       */
      readonly onlyLeft: number;
      /**
       * Rows only in `right`.
       */
      readonly onlyRight: number;
      /**
       * Rows with the same key and other values.
       */
      readonly differing: number;
      /**
       * Whether it is equal, within the tolerance.
       */
      readonly equal: boolean;
      /**
       * Some of the rows that differ.
       *
       * Items: A row.
       */
      readonly examples: readonly {
        /**
         * Its key.
         */
        readonly key: ValueMap;
        /**
         * `onlyLeft`, `onlyRight` or `differing`.
         */
        readonly is: 'onlyLeft' | 'onlyRight' | 'differing';
      }[];
    }[];
    /**
     * With `schema` and `surroundings`: what differs.
     *
     * Items: A difference.
     */
    readonly differences: readonly {
      /**
       * What it is: `column public.users.email`.
       */
      readonly object: string;
      /**
       * Its definition in `left`; null when it is not there.
       */
      readonly left: string | null;
      /**
       * Its definition in `right`.
       */
      readonly right: string | null;
    }[];
  };
  readonly 'postgres.contents': {
    /**
     * All rows together.
     */
    readonly rows: number;
    /**
     * The tables, by name; partitions count with the table that they are parts of.
     *
     * Items: A table.
     */
    readonly tables: readonly {
      /**
       * Its name, with its schema.
       */
      readonly table: string;
      /**
       * How many rows it holds.
       */
      readonly rows: number;
      /**
       * Of its rows, in whatever order they lie; null where none was asked for.
       */
      readonly checksum: string | null;
    }[];
  };
  readonly 'postgres.copy-rows': {
    /**
     * Whether nothing was changed.
     */
    readonly preview: boolean;
    /**
     * Rows selected in `from`.
     */
    readonly selected: number;
    /**
     * Rows put in; in a preview, rows that would be.
     */
    readonly inserted: number;
    /**
     * Rows that were there already, by their primary key, and were left as they are.
     */
    readonly kept: number;
    /**
     * Rows that are missing and cannot go in, because another row has their value of another unique key. They stay out, the others go in.
     */
    readonly conflicts: number;
    /**
     * Preview: references of missing rows to rows that are neither there nor selected. The real step would fail.
     */
    readonly missingParents: number;
    /**
     * The same for each table, in the order of filling, with `examples` (key and constraint) and `leftOut` (columns that `to` does not have).
     *
     * Items: A table.
     */
    readonly tables: readonly {
      /**
       * Its name, with its schema.
       */
      readonly table: string;
      /**
       * Rows selected.
       */
      readonly selected: number;
      /**
       * Rows put in.
       */
      readonly inserted: number;
      /**
       * Rows that were there.
       */
      readonly kept: number;
      /**
       * Rows that another unique key kept out.
       */
      readonly conflicts: number;
      /**
       * References to rows that are nowhere.
       */
      readonly missingParents: number;
      /**
       * Keys of some of the rows in conflict or without a parent, with the constraint.
       *
       * Items: An example.
       */
      readonly examples: readonly {
        /**
         * The primary key.
         */
        readonly key: ValueMap;
        /**
         * What stands in the way.
         */
        readonly constraint: string;
      }[];
      /**
       * Columns that are only in `from`: their values are not copied.
       */
      readonly leftOut: readonly string[];
    }[];
    /**
     * A file in the run's folder with the key of each inserted row, a line of JSON each (`{"table": …, "key": {…}}`), so that the merge can be looked into, or undone, later; null in a preview.
     */
    readonly keys: string | null;
  };
  readonly 'postgres.drop-kept': {
    /**
     * Whether there was one.
     */
    readonly dropped: boolean;
  };
  readonly 'postgres.dump': {
    /**
     * Where the dump is; `<path>.sha256` beside it holds the checksums.
     */
    readonly path: string;
    /**
     * Its size; of all its files in directory format.
     */
    readonly bytes: number;
    /**
     * SHA-256 of the file; in directory format, of the list of checksums.
     */
    readonly sha256: string;
    /**
     * The tables in it, as read back, with their schemas.
     */
    readonly tables: readonly string[];
    /**
     * Its format.
     */
    readonly format: string;
    /**
     * The version of the server.
     */
    readonly serverVersion: string;
    /**
     * What belongs to the database and is not in the dump: its settings and grants, roles, tablespaces, replication.
     *
     * Items: One of it.
     */
    readonly notCarried: readonly {
      /**
       * What it is: `setting work_mem of the database`.
       */
      readonly object: string;
      /**
       * How it stands; of a setting that the server does not know, a digest.
       */
      readonly definition: string;
    }[];
  };
  readonly 'postgres.find-dump': {
    /**
     * The dump.
     */
    readonly path: string;
    /**
     * The last part of its path.
     */
    readonly name: string;
    /**
     * What it is.
     */
    readonly format: 'custom' | 'directory' | 'tar' | 'plain';
    /**
     * It is plain SQL, and compressed with gzip.
     */
    readonly compressed: boolean;
    /**
     * Its size; of a folder that of all its files.
     */
    readonly bytes: number;
    /**
     * When it was changed last.
     */
    readonly modified: Instant;
    /**
     * When it was taken: what stands in it where that is older than its file by more than time zones can explain, else when its file was changed last.
     */
    readonly takenAt: Instant;
    /**
     * Its checksum; of a folder that of the list of its files' checksums.
     */
    readonly sha256: string;
    /**
     * The name of the database that it was taken of; null where the dump does not say.
     */
    readonly database: string | null;
    /**
     * The version of the server that it was taken of; null where the dump does not say.
     */
    readonly dumpedFrom: string | null;
    /**
     * How many dumps there are to choose from.
     */
    readonly count: number;
  };
  readonly 'postgres.inspect': {
    /**
     * Every table is there, has the column of its time, holds rows and could be read to the last one.
     */
    readonly sound: boolean;
    /**
     * What is wrong, for people: `there is no table videos; inspections is empty`. Empty when it is sound.
     */
    readonly trouble: string;
    /**
     * The tables, in the order of their names.
     *
     * Items: A table.
     */
    readonly tables: readonly {
      /**
       * Its name, as it was asked for.
       */
      readonly table: string;
      /**
       * `fine`, `missing`, `empty`, `damaged` (not every row can be read), or `noTime` (the column of the time is missing, or holds no time).
       */
      readonly state: 'fine' | 'missing' | 'empty' | 'damaged' | 'noTime';
      /**
       * Rows that were read; null where they were not counted.
       */
      readonly rows: number | null;
      /**
       * When a row was last written; null where that is not known.
       */
      readonly newest: Instant | null;
      /**
       * What PostgreSQL said of a damaged one; null for the others.
       */
      readonly error: string | null;
    }[];
    /**
     * The heartbeat; null where none was asked for.
     */
    readonly heartbeat: {
      /**
       * Its name, as it was asked for.
       */
      readonly table: string;
      /**
       * As that of a table.
       */
      readonly state: 'fine' | 'missing' | 'empty' | 'damaged' | 'noTime';
      /**
       * The newest of its times; null where there is none.
       */
      readonly newest: Instant | null;
      /**
       * The newest is no older than `within`, by the database's clock; null where `within` is not given.
       */
      readonly alive: boolean | null;
    } | null;
    /**
     * The newest of all these times, the heartbeat's among them: the recovery point of a copy. Null where no table says when its rows were written.
     */
    readonly newest: Instant | null;
    /**
     * Where that is: `inspections.created_at`; null without one.
     */
    readonly newestIn: string | null;
    /**
     * The database's clock when it was asked. Times after it are not taken for a writing.
     */
    readonly clock: Instant;
  };
  readonly 'postgres.load-sql': {
    /**
     * The dump that was loaded.
     */
    readonly from: string;
    /**
     * The tables, with their schemas.
     */
    readonly tables: readonly string[];
    /**
     * Size of the database afterwards.
     */
    readonly bytes: number;
    /**
     * What the server warned of.
     */
    readonly warnings: readonly string[];
    /**
     * How many of its statements were left out: owners, grants, and what makes the database itself.
     */
    readonly leftOut: number;
  };
  readonly 'postgres.mask': {
    /**
     * Places in rows that were replaced.
     */
    readonly rows: number;
    /**
     * Different values among them.
     */
    readonly values: number;
    /**
     * Columns of all tables and materialized views that were searched for them afterwards.
     */
    readonly searched: number;
  };
  readonly 'postgres.put-back': {
    /**
     * The database of the same server that now holds what had been restored, for `postgres.drop-kept`.
     */
    readonly kept: string;
  };
  readonly 'postgres.restore': {
    /**
     * The dump that was restored.
     */
    readonly from: string;
    /**
     * The tables, with their schemas.
     */
    readonly tables: readonly string[];
    /**
     * Size of the database afterwards.
     */
    readonly bytes: number;
    /**
     * The version of the server that the dump was taken from.
     */
    readonly dumpedFrom: string | null;
    /**
     * What pg_restore and the server warned of.
     */
    readonly warnings: readonly string[];
    /**
     * The database of the same server that now holds what was there before; null where nothing was there, or where it could not be kept.
     */
    readonly kept: string | null;
    /**
     * What no dump brings along, as it stands afterwards: settings and grants of the database, roles, tablespaces, replication.
     *
     * Items: One of it.
     */
    readonly notCarried: readonly {
      /**
       * What it is: `setting work_mem of the database`.
       */
      readonly object: string;
      /**
       * How it stands; of a setting that the server does not know, a digest.
       */
      readonly definition: string;
    }[];
  };
  readonly 'postgres.size': {
    /**
     * Size of the database on its server's disk.
     */
    readonly bytes: number;
    /**
     * The same for people: `1234 MB`.
     */
    readonly size: string;
    /**
     * The largest tables, the largest first. `rows` is what the planner estimates, null where nothing was gathered yet; `postgres.compare` counts.
     *
     * Items: A table.
     */
    readonly tables: readonly {
      /**
       * Its name, with its schema.
       */
      readonly table: string;
      /**
       * Its size with indexes and large values.
       */
      readonly bytes: number;
      /**
       * Rows, as the planner estimates them; null where nothing was gathered yet.
       */
      readonly rows: number | null;
    }[];
    /**
     * `tables` names all of them: what is asked of it is asked of all.
     */
    readonly complete: boolean;
  };
  readonly recall: {
    /**
     * Whether a run was found in which the step succeeded.
     */
    readonly found: boolean;
    /**
     * What it said then, in the newest of them; empty where none was found.
     */
    readonly output: ValueMap;
    /**
     * When it said so; null where none was found.
     */
    readonly at: Instant | null;
    /**
     * The run; null where none was found.
     */
    readonly run: string | null;
    /**
     * Newer runs that could not be read: what they said is not known.
     */
    readonly unreadable: readonly string[];
  };
  readonly 'redis.inspect': {
    /**
     * Of the server.
     */
    readonly version: string;
    /**
     * `primary` or `replica`.
     */
    readonly role: 'primary' | 'replica';
    /**
     * How it is replicated.
     */
    readonly replication: {
      /**
       * How many replicas are connected.
       */
      readonly replicas: number;
      /**
       * Of a replica, whether its primary is heard: `up` or `down`; null for a primary.
       */
      readonly link: 'up' | 'down' | null;
      /**
       * Of a replica, since its primary was last heard; null for a primary, or when it is not connected.
       */
      readonly secondsSinceHeard: number | null;
    };
    /**
     * How many keys the database has.
     */
    readonly keys: number;
    /**
     * Memory that the server uses for data.
     */
    readonly memoryBytes: number;
    /**
     * Each queue that was asked for.
     *
     * Items: A queue.
     */
    readonly queues: readonly {
      /**
       * Its name.
       */
      readonly name: string;
      /**
       * How many messages wait in it, of all priorities.
       */
      readonly length: number;
      /**
       * What a worker gets next; null when nothing waits.
       */
      readonly oldest: {
        /**
         * The task, where it is a message of Celery's.
         */
        readonly task: string | null;
        /**
         * Its id.
         */
        readonly id: string | null;
      } | null;
    }[];
    /**
     * What Celery's workers have taken and not acknowledged, of all queues of the database.
     */
    readonly unacked: {
      /**
       * How many messages.
       */
      readonly count: number;
      /**
       * When the one was taken that is held longest; null when there is none.
       */
      readonly since: Instant | null;
    };
    /**
     * Each beginning that was asked for.
     *
     * Items: Keys that begin alike.
     */
    readonly prefixes: readonly {
      /**
       * The beginning.
       */
      readonly prefix: string;
      /**
       * How many keys begin with it.
       */
      readonly keys: number;
    }[];
  };
  readonly 'redis.purge': {
    /**
     * Its name.
     */
    readonly queue: string;
    /**
     * How many messages waited when the step began.
     */
    readonly before: number;
    /**
     * How many were removed.
     */
    readonly purged: number;
    /**
     * How many wait now: they came since.
     */
    readonly after: number;
    /**
     * How many messages workers still hold; they are not touched.
     */
    readonly unacked: number;
    /**
     * The file; null when nothing was to be kept.
     */
    readonly kept: {
      /**
       * Where it is.
       */
      readonly path: string;
      /**
       * How many messages are in it.
       */
      readonly messages: number;
      /**
       * Its checksum.
       */
      readonly sha256: string;
    } | null;
  };
  readonly 'render.add-domain': {
    /**
     * Its id.
     */
    readonly id: string;
    /**
     * The domain.
     */
    readonly name: string;
    /**
     * Whether its DNS records lead to the service already.
     */
    readonly verified: boolean;
    /**
     * Whether this step attached it.
     */
    readonly changed: boolean;
  };
  readonly 'render.allow-ip': {
    /**
     * The list as it is now.
     */
    readonly list: readonly {
      /**
       * The range.
       */
      readonly cidrBlock: string;
      /**
       * What it is for.
       */
      readonly description: string;
    }[];
    /**
     * The list as it was before this step.
     */
    readonly previous: readonly {
      /**
       * The range.
       */
      readonly cidrBlock: string;
      /**
       * What it is for.
       */
      readonly description: string;
    }[];
    /**
     * Ranges that this step added.
     */
    readonly added: readonly string[];
    /**
     * Ranges that this step took away.
     */
    readonly removed: readonly string[];
    /**
     * Whether this step changed it.
     */
    readonly changed: boolean;
  };
  readonly 'render.backups': {
    /**
     * Point-in-time recovery; `reaches`: whether the window reaches back to `before`.
     */
    readonly recovery: {
      /**
       * AVAILABLE, BACKUP_NOT_READY or NOT_AVAILABLE.
       */
      readonly status: string;
      /**
       * The earliest moment that can be restored.
       */
      readonly startsAt: Instant | null;
      /**
       * Whether it reaches back to `before`; whether there is a window, when that is absent.
       */
      readonly reaches: boolean;
    };
    /**
     * Exports, newest first; only those from before the moment.
     *
     * Items: An export.
     */
    readonly exports: readonly {
      /**
       * Its id at Render.
       */
      readonly id: string;
      /**
       * When it was ordered.
       */
      readonly createdAt: Instant;
      /**
       * When Render deletes it: seven days later.
       */
      readonly expiresAt: Instant;
      /**
       * Whether it can be downloaded.
       */
      readonly ready: boolean;
      /**
       * Its signed link, resolved when it is used.
       */
      readonly link: ValueMap;
    }[];
    /**
     * The newest of them that can be downloaded, or null.
     */
    readonly newest: {
      /**
       * Its id at Render.
       */
      readonly id: string;
      /**
       * When it was ordered.
       */
      readonly createdAt: Instant;
      /**
       * When Render deletes it: seven days later.
       */
      readonly expiresAt: Instant;
      /**
       * Whether it can be downloaded.
       */
      readonly ready: boolean;
      /**
       * Its signed link, resolved when it is used.
       */
      readonly link: ValueMap;
    } | null;
  };
  readonly 'render.compare-postgres': {
    /**
     * Whether nothing differs.
     */
    readonly same: boolean;
    /**
     * What differs.
     */
    readonly differences: readonly {
      /**
       * The setting, as Render's answers name it.
       */
      readonly setting: string;
      /**
       * As it should be.
       */
      readonly wanted: string;
      /**
       * As it is.
       */
      readonly found: string;
    }[];
    /**
     * The differences in one line, for a gate: `no difference` where there is none.
     */
    readonly summary: string;
    /**
     * Whether its allow list admits the whole internet, whatever the other one has.
     */
    readonly openToAll: boolean;
  };
  readonly 'render.compare-services': {
    /**
     * Whether nothing differs.
     */
    readonly same: boolean;
    /**
     * What differs.
     */
    readonly differences: readonly {
      /**
       * The setting, as Render's answers name it; `deployed` for the image or commit, `variables.NAME` for a variable.
       */
      readonly setting: string;
      /**
       * As it should be; of a variable only whether it has a value.
       */
      readonly wanted: string;
      /**
       * As it is; of a variable only whether it has another value.
       */
      readonly found: string;
    }[];
    /**
     * The differences in one line, for a gate: `no difference` where there is none.
     */
    readonly summary: string;
  };
  readonly 'render.create-postgres': {
    /**
     * The new database, for whatever takes one.
     */
    readonly database: {
      /**
       * What it is resolved by.
       */
      readonly $ref: string;
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
      /**
       * The step that created it.
       */
      readonly created: string;
      /**
       * Its region.
       */
      readonly region: string;
    };
    /**
     * Its id.
     */
    readonly id: string;
    /**
     * Its name.
     */
    readonly name: string;
    /**
     * Its region.
     */
    readonly region: string;
    /**
     * Its plan.
     */
    readonly plan: string;
    /**
     * Its major version.
     */
    readonly version: string;
    /**
     * What differs all the same: Render refused it, or it cannot be changed.
     */
    readonly differences: readonly {
      /**
       * The setting, as Render's answers name it.
       */
      readonly setting: string;
      /**
       * As it should be.
       */
      readonly wanted: string;
      /**
       * As it is.
       */
      readonly found: string;
    }[];
  };
  readonly 'render.delete-postgres': {
    /**
     * What was deleted.
     */
    readonly database: {
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
    };
    /**
     * It is not there any more.
     */
    readonly deleted: boolean;
    /**
     * It was not there before this step.
     */
    readonly alreadyGone: boolean;
  };
  readonly 'render.deploy': {
    /**
     * The service.
     */
    readonly service: {
      /**
       * Its id at Render.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
    };
    /**
     * The deploy.
     */
    readonly deploy: {
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its state, as Render calls it.
       */
      readonly status: string | null;
      /**
       * What started it.
       */
      readonly trigger: string | null;
      /**
       * When it was made.
       */
      readonly createdAt: Instant | null;
      /**
       * When it ended.
       */
      readonly finishedAt: Instant | null;
    };
  };
  readonly 'render.domains': {
    /**
     * Its custom domains.
     */
    readonly domains: readonly {
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * The domain.
       */
      readonly name: string;
      /**
       * Whether its DNS records lead to the service, as Render last saw.
       */
      readonly verified: boolean;
    }[];
    /**
     * Their names alone.
     */
    readonly names: readonly string[];
  };
  readonly 'render.download-export': {
    /**
     * The dump in directory format; null when the export holds several databases.
     */
    readonly path: string | null;
    /**
     * The folder that was made.
     */
    readonly folder: string;
    /**
     * Every logical database in it.
     */
    readonly databases: readonly {
      /**
       * The logical database.
       */
      readonly name: string;
      /**
       * Its dump in directory format.
       */
      readonly path: string;
      /**
       * Its size.
       */
      readonly bytes: number;
    }[];
    /**
     * Bytes that came.
     */
    readonly downloaded: number;
    /**
     * Of the archive as it came.
     */
    readonly sha256: string;
  };
  readonly 'render.export-postgres': {
    /**
     * The export, for render.download-export.
     */
    readonly export: {
      /**
       * Its id at Render.
       */
      readonly id: string;
      /**
       * When it was ordered.
       */
      readonly createdAt: Instant;
      /**
       * When Render deletes it: seven days later.
       */
      readonly expiresAt: Instant;
      /**
       * Whether it can be downloaded.
       */
      readonly ready: boolean;
      /**
       * Its signed link, resolved when it is used.
       */
      readonly link: ValueMap;
    };
    /**
     * Its id at Render.
     */
    readonly id: string;
    /**
     * When it was ordered.
     */
    readonly createdAt: Instant;
  };
  readonly 'render.maintenance': {
    /**
     * The service.
     */
    readonly service: {
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
    };
    /**
     * Whether it is on now.
     */
    readonly enabled: boolean;
    /**
     * The page; empty for Render's own.
     */
    readonly page: string;
    /**
     * As it was before, for the undo.
     */
    readonly previous: {
      /**
       * Whether it was on.
       */
      readonly enabled: boolean;
      /**
       * The page that was shown.
       */
      readonly page: string;
    };
    /**
     * Whether this step changed it.
     */
    readonly changed: boolean;
  };
  readonly 'render.postgres': {
    /**
     * Its id.
     */
    readonly id: string;
    /**
     * Its name.
     */
    readonly name: string;
    /**
     * Its state: available, recovery_in_progress, …
     */
    readonly status: string;
    /**
     * The workspace that owns it.
     */
    readonly workspace: string;
    /**
     * Whether it is suspended.
     */
    readonly suspended: boolean;
    /**
     * Who holds it suspended.
     */
    readonly suspenders: readonly string[];
    /**
     * Its region.
     */
    readonly region: string;
    /**
     * Its plan.
     */
    readonly plan: string;
    /**
     * The major version of PostgreSQL.
     */
    readonly version: string;
    /**
     * primary, replica, …
     */
    readonly role: string;
    /**
     * When it was made.
     */
    readonly createdAt: Instant | null;
    /**
     * Point-in-time recovery.
     */
    readonly recovery: {
      /**
       * AVAILABLE, BACKUP_NOT_READY or NOT_AVAILABLE.
       */
      readonly status: string;
      /**
       * The earliest moment that can be restored.
       */
      readonly startsAt: Instant | null;
    };
  };
  readonly 'render.recover-postgres': {
    /**
     * The new database, for whatever takes one.
     */
    readonly database: {
      /**
       * What it is resolved by.
       */
      readonly $ref: string;
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
      /**
       * The step that created it.
       */
      readonly created: string;
      /**
       * Its region.
       */
      readonly region: string;
    };
    /**
     * Its id.
     */
    readonly id: string;
    /**
     * Its name.
     */
    readonly name: string;
    /**
     * The moment that was recovered.
     */
    readonly target: Instant;
    /**
     * What differs all the same: Render refused it, or it cannot be changed.
     */
    readonly differences: readonly {
      /**
       * The setting, as Render's answers name it.
       */
      readonly setting: string;
      /**
       * As it should be.
       */
      readonly wanted: string;
      /**
       * As it is.
       */
      readonly found: string;
    }[];
  };
  readonly 'render.remove-domain': {
    /**
     * The domain.
     */
    readonly name: string;
    /**
     * Whether this step took it away: false where it was not there.
     */
    readonly removed: boolean;
  };
  readonly 'render.resume': {
    /**
     * The service.
     */
    readonly service: {
      /**
       * Its id at Render.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
    };
    /**
     * False.
     */
    readonly suspended: boolean;
    /**
     * It was not suspended, so nothing was done.
     */
    readonly alreadyRunning: boolean;
    /**
     * The deploy that brought it back; null where Render made none.
     */
    readonly deploy: {
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its state, as Render calls it.
       */
      readonly status: string | null;
      /**
       * What started it.
       */
      readonly trigger: string | null;
      /**
       * When it was made.
       */
      readonly createdAt: Instant | null;
      /**
       * When it ended.
       */
      readonly finishedAt: Instant | null;
    } | null;
  };
  readonly 'render.service': {
    /**
     * Its id.
     */
    readonly id: string;
    /**
     * Its name.
     */
    readonly name: string;
    /**
     * Its type: web_service, background_worker, …
     */
    readonly type: string;
    /**
     * The workspace that owns it.
     */
    readonly workspace: string;
    /**
     * Whether it is suspended.
     */
    readonly suspended: boolean;
    /**
     * Who holds it suspended: user, billing, …
     */
    readonly suspenders: readonly string[];
    /**
     * Its region; null where Render does not say.
     */
    readonly region: string | null;
    /**
     * Its plan; null where Render does not say.
     */
    readonly plan: string | null;
    /**
     * Where it answers; null where Render does not say.
     */
    readonly url: string | null;
    /**
     * When it was made.
     */
    readonly createdAt: Instant | null;
    /**
     * Its newest deploy, or null.
     */
    readonly deploy: {
      /**
       * Its id.
       */
      readonly id: string;
      /**
       * Its state, as Render calls it.
       */
      readonly status: string | null;
      /**
       * What started it.
       */
      readonly trigger: string | null;
      /**
       * When it was made.
       */
      readonly createdAt: Instant | null;
      /**
       * When it ended.
       */
      readonly finishedAt: Instant | null;
    } | null;
  };
  readonly 'render.set-env': {
    /**
     * The name of the variable.
     */
    readonly key: string;
    /**
     * It had another value before.
     */
    readonly changed: boolean;
    /**
     * `next deploy`.
     */
    readonly takesEffect: string;
  };
  readonly 'render.status': {
    /**
     * none, minor, major, critical, or a word that is not known yet.
     */
    readonly indicator: string;
    /**
     * The same in words.
     */
    readonly description: string;
    /**
     * What is not resolved.
     *
     * Items: An incident.
     */
    readonly incidents: readonly {
      /**
       * What it is called.
       */
      readonly name: string;
      /**
       * investigating, identified, …
       */
      readonly status: string;
      /**
       * As the indicator.
       */
      readonly impact: string;
      /**
       * Its page.
       */
      readonly url: string;
    }[];
    /**
     * The parts of Render.
     *
     * Items: A part.
     */
    readonly components: readonly {
      /**
       * What it is called.
       */
      readonly name: string;
      /**
       * operational, degraded_performance, …
       */
      readonly status: string;
    }[];
    /**
     * The names of the parts that are not operational.
     */
    readonly degraded: readonly string[];
  };
  readonly 'render.suspend': {
    /**
     * The service.
     */
    readonly service: {
      /**
       * Its id at Render.
       */
      readonly id: string;
      /**
       * Its name.
       */
      readonly name: string;
    };
    /**
     * True.
     */
    readonly suspended: boolean;
    /**
     * Who holds it suspended.
     */
    readonly suspenders: readonly string[];
    /**
     * Its users had suspended it before this step: then its debt is not this run's.
     */
    readonly alreadySuspended: boolean;
  };
  readonly 'render.verify-domain': {
    /**
     * The domain.
     */
    readonly name: string;
    /**
     * `true`.
     */
    readonly verified: boolean;
  };
  readonly 'route53.dns-record': {
    /**
     * The name.
     */
    readonly name: string;
    /**
     * The type of the record.
     */
    readonly type: string;
    /**
     * What it holds now.
     */
    readonly content: string;
    /**
     * Its TTL in seconds.
     */
    readonly ttl: number;
    /**
     * The record as it was before, or null when there was none.
     */
    readonly previous: {
      /**
       * Its type.
       */
      readonly type: string;
      /**
       * What it held.
       */
      readonly content: string;
      /**
       * Its TTL in seconds.
       */
      readonly ttl: number;
    } | null;
    /**
     * Whether this step changed where the name leads.
     */
    readonly changed: boolean;
  };
  readonly 's3.compare-buckets': {
    /**
     * Objects of the left.
     */
    readonly leftObjects: number;
    /**
     * Their size.
     */
    readonly leftBytes: number;
    /**
     * Objects of the right.
     */
    readonly rightObjects: number;
    /**
     * Their size.
     */
    readonly rightBytes: number;
    /**
     * Objects that are the same by their ETag.
     */
    readonly byEtag: number;
    /**
     * Objects of the same size, where ETags say nothing.
     */
    readonly bySize: number;
    /**
     * Objects that the right lacks.
     */
    readonly missing: number;
    /**
     * Objects with another content there.
     */
    readonly different: number;
    /**
     * Objects that only the right has.
     */
    readonly extra: number;
    /**
     * Objects that the right lacks or has with another content, and that were written since `before`.
     */
    readonly writtenSince: number;
    /**
     * The first hundred.
     */
    readonly missingKeys: readonly string[];
    /**
     * The first hundred.
     */
    readonly differentKeys: readonly string[];
  };
  readonly 's3.compare-keys': {
    /**
     * Keys in the database.
     */
    readonly known: number;
    /**
     * Objects in the bucket.
     */
    readonly found: number;
    /**
     * Their size.
     */
    readonly foundBytes: number;
    /**
     * Keys that are on both sides.
     */
    readonly both: number;
    /**
     * Keys without an object, less those of `missingBefore`.
     */
    readonly missing: number;
    /**
     * Keys without an object that were missing before; null when nothing tells.
     */
    readonly missingBefore: number | null;
    /**
     * Objects without a key in the database, as far as `extraBefore` lets them count.
     */
    readonly extra: number;
    /**
     * The moment of the oldest missing key; null when nothing is missing or there is no second column.
     */
    readonly oldestMissingAt: Instant | null;
    /**
     * The moment of the newest missing key.
     */
    readonly newestMissingAt: Instant | null;
    /**
     * The first hundred.
     */
    readonly missingKeys: readonly string[];
    /**
     * The first hundred.
     */
    readonly extraKeys: readonly string[];
    /**
     * A file with all of them, one to a line as JSON; null where there are none.
     */
    readonly missingFile: string | null;
    /**
     * The same for the others.
     */
    readonly extraFile: string | null;
  };
  readonly 's3.configure': {
    /**
     * Names of the settings that were not as wanted.
     */
    readonly changed: readonly string[];
    /**
     * What of them became another (with `preview`: would become), a line each: `lifecycle.Tidy.Expiration.Days: 7 → 30`.
     */
    readonly differences: readonly string[];
    /**
     * The settings as they were, to set them back.
     */
    readonly previous: {
      /**
       * `Enabled` or `Suspended`; empty when it never was.
       */
      readonly versioning?: string;
      /**
       * Rules of the default encryption; none: `[]`.
       */
      readonly encryption?: readonly ValueMap[];
      /**
       * Whose what is uploaded is: `BucketOwnerEnforced` (nobody has ACLs), `BucketOwnerPreferred` or `ObjectWriter`; empty when nothing is set.
       */
      readonly ownership?: string;
      /**
       * The four flags that keep the public out; none: `{}`.
       */
      readonly publicAccessBlock?: ValueMap;
      /**
       * The bucket policy; none: `{}`.
       */
      readonly policy?: ValueMap;
      /**
       * Rules for browsers of other origins; none: `[]`.
       */
      readonly cors?: readonly ValueMap[];
      /**
       * Tags of the bucket, by name; none: `{}`.
       */
      readonly tags?: ValueMap;
      /**
       * Rules that move and expire objects; none: `[]`. One without `Filter` is for the whole bucket.
       */
      readonly lifecycle?: readonly ValueMap[];
      /**
       * The smallest objects that transitions move where a rule says nothing: `all_storage_classes_128K` or `varies_by_storage_class`; empty where there is no lifecycle.
       */
      readonly transitionDefaultMinimumObjectSize?: string;
      /**
       * Configurations of Intelligent-Tiering; none: `[]`.
       */
      readonly intelligentTiering?: readonly ValueMap[];
      /**
       * Object Lock, with the retention that new objects get; none: `{}`.
       */
      readonly objectLock?: ValueMap;
      /**
       * Who is told of events: topics, queues, functions, EventBridge; nobody: `{}`.
       */
      readonly notifications?: ValueMap;
      /**
       * Where access is logged; nowhere: `{}`.
       */
      readonly logging?: ValueMap;
      /**
       * Transfer acceleration: `Enabled` or `Suspended`; empty when it never was.
       */
      readonly acceleration?: string;
      /**
       * What it answers as a website: index, error page, redirects; none: `{}`.
       */
      readonly website?: ValueMap;
      /**
       * Who pays for requests: `BucketOwner` or `Requester`.
       */
      readonly requestPayment?: string;
      /**
       * Role and rules of the replication; none: `{}`.
       */
      readonly replication?: ValueMap;
    };
    /**
     * The settings as they are now; with `preview`, as they would be.
     */
    readonly settings: {
      /**
       * `Enabled` or `Suspended`; empty when it never was.
       */
      readonly versioning?: string;
      /**
       * Rules of the default encryption; none: `[]`.
       */
      readonly encryption?: readonly ValueMap[];
      /**
       * Whose what is uploaded is: `BucketOwnerEnforced` (nobody has ACLs), `BucketOwnerPreferred` or `ObjectWriter`; empty when nothing is set.
       */
      readonly ownership?: string;
      /**
       * The four flags that keep the public out; none: `{}`.
       */
      readonly publicAccessBlock?: ValueMap;
      /**
       * The bucket policy; none: `{}`.
       */
      readonly policy?: ValueMap;
      /**
       * Rules for browsers of other origins; none: `[]`.
       */
      readonly cors?: readonly ValueMap[];
      /**
       * Tags of the bucket, by name; none: `{}`.
       */
      readonly tags?: ValueMap;
      /**
       * Rules that move and expire objects; none: `[]`. One without `Filter` is for the whole bucket.
       */
      readonly lifecycle?: readonly ValueMap[];
      /**
       * The smallest objects that transitions move where a rule says nothing: `all_storage_classes_128K` or `varies_by_storage_class`; empty where there is no lifecycle.
       */
      readonly transitionDefaultMinimumObjectSize?: string;
      /**
       * Configurations of Intelligent-Tiering; none: `[]`.
       */
      readonly intelligentTiering?: readonly ValueMap[];
      /**
       * Object Lock, with the retention that new objects get; none: `{}`.
       */
      readonly objectLock?: ValueMap;
      /**
       * Who is told of events: topics, queues, functions, EventBridge; nobody: `{}`.
       */
      readonly notifications?: ValueMap;
      /**
       * Where access is logged; nowhere: `{}`.
       */
      readonly logging?: ValueMap;
      /**
       * Transfer acceleration: `Enabled` or `Suspended`; empty when it never was.
       */
      readonly acceleration?: string;
      /**
       * What it answers as a website: index, error page, redirects; none: `{}`.
       */
      readonly website?: ValueMap;
      /**
       * Who pays for requests: `BucketOwner` or `Requester`.
       */
      readonly requestPayment?: string;
      /**
       * Role and rules of the replication; none: `{}`.
       */
      readonly replication?: ValueMap;
    };
  };
  readonly 's3.copy-bucket': {
    /**
     * Objects copied.
     */
    readonly copied: number;
    /**
     * Of which an older one was there; it stays as a version.
     */
    readonly replaced: number;
    /**
     * Objects that were there already.
     */
    readonly same: number;
    /**
     * Objects that are newer at the destination; left as they are.
     */
    readonly newer: number;
    /**
     * Bytes copied.
     */
    readonly bytes: number;
    /**
     * Objects of the source, as listed afterwards.
     */
    readonly objects: number;
    /**
     * Objects proved by their ETag.
     */
    readonly byEtag: number;
    /**
     * Objects proved by their size, where ETags say nothing.
     */
    readonly bySize: number;
    /**
     * Objects that only the destination has.
     */
    readonly extra: number;
    /**
     * Objects written at the source since it began and not copied: for another run.
     */
    readonly writtenSince: number;
  };
  readonly 's3.create-bucket': {
    /**
     * The bucket, for whatever takes one.
     */
    readonly bucket: {
      /**
       * What it is resolved by.
       */
      readonly $ref: string;
      /**
       * Its name.
       */
      readonly name: string;
      /**
       * Where it is.
       */
      readonly region: string;
      /**
       * The step that created it.
       */
      readonly created: string;
    };
    /**
     * Its name.
     */
    readonly name: string;
    /**
     * Where it is.
     */
    readonly region: string;
  };
  readonly 's3.delete-bucket': {
    /**
     * What was deleted.
     */
    readonly name: string;
    /**
     * Versions of objects deleted.
     */
    readonly versions: number;
    /**
     * Delete markers deleted.
     */
    readonly markers: number;
    /**
     * Unfinished uploads given up.
     */
    readonly uploads: number;
    /**
     * It was not there before this step.
     */
    readonly alreadyGone: boolean;
  };
  readonly 's3.get': {
    /**
     * The file.
     */
    readonly path: string | null;
    /**
     * The content, when there is no file: 256 KiB at most.
     */
    readonly text: string | null;
    /**
     * Digest of the file; empty when there is none.
     */
    readonly sha256: string;
    /**
     * How what came was compared with what the service has: by its `digest`, or by `size` where the service keeps none that says something, as with a KMS key and no checksum.
     */
    readonly provedBy: 'digest' | 'size';
    /**
     * Bytes.
     */
    readonly size: number;
    /**
     * Without quotes.
     */
    readonly etag: string;
    /**
     * Its version, where there are versions.
     */
    readonly versionId: string | null;
    /**
     * Its media type.
     */
    readonly contentType: string | null;
    /**
     * When it was written.
     */
    readonly modified: Instant | null;
    /**
     * Its own metadata, by name.
     */
    readonly metadata: ValueMap;
  };
  readonly 's3.hide': {
    /**
     * How many keys were named, each once.
     */
    readonly keys: number;
    /**
     * Objects hidden.
     */
    readonly hidden: number;
    /**
     * Keys without a current object: hidden already, or never there.
     */
    readonly absent: number;
    /**
     * When it began, by the service's clock: for `since` of `s3.undelete`.
     */
    readonly since: Instant;
  };
  readonly 's3.inspect': {
    /**
     * Its name.
     */
    readonly name: string;
    /**
     * Where it is.
     */
    readonly region: string;
    /**
     * No object is in it.
     */
    readonly empty: boolean;
    /**
     * `Enabled` or `Suspended`; empty when it never was.
     */
    readonly versioning?: string;
    /**
     * Rules of the default encryption; none: `[]`.
     */
    readonly encryption?: readonly ValueMap[];
    /**
     * Whose what is uploaded is: `BucketOwnerEnforced` (nobody has ACLs), `BucketOwnerPreferred` or `ObjectWriter`; empty when nothing is set.
     */
    readonly ownership?: string;
    /**
     * The four flags that keep the public out; none: `{}`.
     */
    readonly publicAccessBlock?: ValueMap;
    /**
     * The bucket policy; none: `{}`.
     */
    readonly policy?: ValueMap;
    /**
     * Rules for browsers of other origins; none: `[]`.
     */
    readonly cors?: readonly ValueMap[];
    /**
     * Tags of the bucket, by name; none: `{}`.
     */
    readonly tags?: ValueMap;
    /**
     * Rules that move and expire objects; none: `[]`. One without `Filter` is for the whole bucket.
     */
    readonly lifecycle?: readonly ValueMap[];
    /**
     * The smallest objects that transitions move where a rule says nothing: `all_storage_classes_128K` or `varies_by_storage_class`; empty where there is no lifecycle.
     */
    readonly transitionDefaultMinimumObjectSize?: string;
    /**
     * Configurations of Intelligent-Tiering; none: `[]`.
     */
    readonly intelligentTiering?: readonly ValueMap[];
    /**
     * Object Lock, with the retention that new objects get; none: `{}`.
     */
    readonly objectLock?: ValueMap;
    /**
     * Who is told of events: topics, queues, functions, EventBridge; nobody: `{}`.
     */
    readonly notifications?: ValueMap;
    /**
     * Where access is logged; nowhere: `{}`.
     */
    readonly logging?: ValueMap;
    /**
     * Transfer acceleration: `Enabled` or `Suspended`; empty when it never was.
     */
    readonly acceleration?: string;
    /**
     * What it answers as a website: index, error page, redirects; none: `{}`.
     */
    readonly website?: ValueMap;
    /**
     * Who pays for requests: `BucketOwner` or `Requester`.
     */
    readonly requestPayment?: string;
    /**
     * Role and rules of the replication; none: `{}`.
     */
    readonly replication?: ValueMap;
    /**
     * Whether versions are deleted only with a token of the owner. Its root user alone can set that, by the AWS CLI.
     */
    readonly mfaDelete?: boolean;
    /**
     * Settings that could not be read: S3's code by name.
     */
    readonly unreadable: ValueMap;
  };
  readonly 's3.list-versions': {
    /**
     * How many versions and delete markers.
     */
    readonly count: number;
    /**
     * How many of them are delete markers.
     */
    readonly markers: number;
    /**
     * How many keys are deleted now.
     */
    readonly deleted: number;
    /**
     * The sizes together.
     */
    readonly bytes: number;
    /**
     * How many keys hold another object now than the one that was first written there, by ETag. Where uploads are written once, each is an accident; one that was put back does not count.
     */
    readonly rewritten: number;
    /**
     * How many of all are in the archive.
     */
    readonly archived: number;
    /**
     * `versions` names all of them: what is asked of it is asked of all.
     */
    readonly complete: boolean;
    /**
     * The first of them: keys in order, of each the newest first.
     */
    readonly versions: readonly {
      /**
       * Its key.
       */
      readonly key: string;
      /**
       * `null` for what was written before versioning.
       */
      readonly versionId: string;
      /**
       * It is the current one.
       */
      readonly latest: boolean;
      /**
       * It is a delete marker: it has neither size nor ETag.
       */
      readonly deleteMarker: boolean;
      /**
       * When it was written.
       */
      readonly modified: Instant;
      /**
       * Bytes.
       */
      readonly size: number;
      /**
       * Without quotes.
       */
      readonly etag: string;
      /**
       * Its storage class.
       */
      readonly storageClass: string;
    }[];
  };
  readonly 's3.list': {
    /**
     * How many objects.
     */
    readonly count: number;
    /**
     * Their sizes together.
     */
    readonly bytes: number;
    /**
     * When the newest was written; null when there is none.
     */
    readonly newest: Instant | null;
    /**
     * When the oldest was written.
     */
    readonly oldest: Instant | null;
    /**
     * How many of all are in the archive.
     */
    readonly archived: number;
    /**
     * The key of the first of those; null when there is none.
     */
    readonly firstArchived: string | null;
    /**
     * `objects` names all of them: what is asked of it is asked of all.
     */
    readonly complete: boolean;
    /**
     * The first of them, in the order asked for.
     */
    readonly objects: readonly {
      /**
       * Its key.
       */
      readonly key: string;
      /**
       * Bytes.
       */
      readonly size: number;
      /**
       * Without quotes.
       */
      readonly etag: string;
      /**
       * When it was written.
       */
      readonly modified: Instant;
      /**
       * Its storage class.
       */
      readonly storageClass: string;
    }[];
  };
  readonly 's3.prove-replication': {
    /**
     * The key of the probe.
     */
    readonly probe: string;
    /**
     * How long the probe took until S3 said that it is replicated, in milliseconds.
     */
    readonly arrivedMs: number;
    /**
     * Buckets in which the probe still is, as it may not be removed there.
     */
    readonly left: readonly string[];
    /**
     * Objects of the bucket.
     */
    readonly objects: number;
    /**
     * Those that the replica has as they are.
     */
    readonly there: number;
    /**
     * Those that it lacks and that are younger than `within`.
     */
    readonly underWay: number;
    /**
     * Those that it lacks, or has as they were, though they are older.
     */
    readonly behind: number;
    /**
     * Objects that only the replica has: deletions are not followed where the rule says so.
     */
    readonly extra: number;
    /**
     * The first hundred of those that are behind.
     */
    readonly behindKeys: readonly string[];
    /**
     * When the oldest of them was written; null where none is behind.
     */
    readonly oldestBehindAt: Instant | null;
    /**
     * When the newest object of the bucket was written; null in an empty one.
     */
    readonly newestAt: Instant | null;
    /**
     * Whether the replica has that one.
     */
    readonly newestThere: boolean;
  };
  readonly 's3.put': {
    /**
     * Files that were to be put.
     */
    readonly files: number;
    /**
     * Objects put where none was.
     */
    readonly uploaded: number;
    /**
     * Objects put in place of others.
     */
    readonly replaced: number;
    /**
     * Objects that were there with the same content.
     */
    readonly same: number;
    /**
     * Bytes put.
     */
    readonly bytes: number;
  };
  readonly 's3.read-back': {
    /**
     * How many objects there are to draw from; null where `keys` were given.
     */
    readonly objects: number | null;
    /**
     * How many more are in the archive, where nobody can read them now; null where `keys` were given.
     */
    readonly archived: number | null;
    /**
     * Objects that came, each as the service says that it is.
     */
    readonly read: number;
    /**
     * Their bytes.
     */
    readonly bytes: number;
    /**
     * Of these, how many were held against a digest that the service keeps.
     */
    readonly byDigest: number;
    /**
     * How many by their size alone, because the service tells no digest of them.
     */
    readonly bySize: number;
    /**
     * Keys of objects that came with another content than the digest says.
     */
    readonly wrong: readonly string[];
    /**
     * Keys that are not there, or are gone since they were listed.
     */
    readonly missing: readonly string[];
    /**
     * The first hundred that were read, in the order of their keys.
     */
    readonly files: readonly {
      /**
       * Its key.
       */
      readonly key: string;
      /**
       * Its size.
       */
      readonly bytes: number;
      /**
       * Of what came.
       */
      readonly sha256: string;
      /**
       * `digest` or `size`.
       */
      readonly provedBy: 'digest' | 'size';
    }[];
  };
  readonly 's3.restore-archived': {
    /**
     * Objects that can be read now.
     */
    readonly retrieved: number;
    /**
     * Their sizes together.
     */
    readonly bytes: number;
    /**
     * Objects that were not in the archive.
     */
    readonly readable: number;
    /**
     * Objects copied in place.
     */
    readonly permanent: number;
    /**
     * When the first readable copy expires; null when S3 does not say.
     */
    readonly until: Instant | null;
  };
  readonly 's3.restore-version': {
    /**
     * Objects put back.
     */
    readonly restored: number;
    /**
     * Objects that were current already.
     */
    readonly unchanged: number;
    /**
     * Keys that were not there at that moment; they are left as they are.
     */
    readonly absent: number;
    /**
     * Bytes put back.
     */
    readonly bytes: number;
    /**
     * Objects proved by their ETag.
     */
    readonly byEtag: number;
    /**
     * Objects proved by their size, where ETags say nothing.
     */
    readonly bySize: number;
  };
  readonly 's3.sync-down': {
    /**
     * The folder.
     */
    readonly path: string;
    /**
     * Objects brought down.
     */
    readonly downloaded: number;
    /**
     * Objects that were there already.
     */
    readonly same: number;
    /**
     * Bytes brought down.
     */
    readonly bytes: number;
    /**
     * Of the objects brought down or there already: compared by a digest that the service keeps.
     */
    readonly byDigest: number;
    /**
     * Compared by size alone, because the service tells no digest of them.
     */
    readonly bySize: number;
    /**
     * Objects of the bucket that are files now, as listed afterwards.
     */
    readonly objects: number;
    /**
     * Objects written since it began that may not be files yet: for another run.
     */
    readonly writtenSince: number;
  };
  readonly 's3.undelete': {
    /**
     * Objects brought back.
     */
    readonly restored: number;
    /**
     * Delete markers removed.
     */
    readonly markers: number;
    /**
     * Keys that have nothing but delete markers: their versions are gone.
     */
    readonly lost: number;
    /**
     * Objects still deleted, as listed afterwards: 0.
     */
    readonly remaining: number;
  };
  readonly shell: {
    /**
     * The exit code.
     */
    readonly exitCode: number;
    /**
     * The standard output, its last MiB.
     */
    readonly stdout: string;
    /**
     * The standard error, its last 64 KiB.
     */
    readonly stderr: string;
    /**
     * The beginning of one of them was dropped.
     */
    readonly truncated: boolean;
    /**
     * The lines of the standard output; empty unless `stdout: lines`.
     */
    readonly lines: readonly string[];
    /**
     * The standard output as JSON; null unless `stdout: json`.
     */
    readonly json: Value;
    /**
     * Processes that were still there when the script had ended, and whether each was `ended` with it or goes on.
     */
    readonly left: readonly {
      /**
       * Its number.
       */
      readonly pid: number;
      /**
       * Its command line, shortened.
       */
      readonly command: string;
      /**
       * It was ended with the script; else it had left the script's process group, and goes on.
       */
      readonly ended: boolean;
    }[];
  };
  readonly 'sql.execute': {
    /**
     * Rows changed, as the server counts them.
     */
    readonly rowCount: number;
  };
  readonly 'sql.query': {
    /**
     * The rows; each a map from column to value.
     */
    readonly rows: readonly ValueMap[];
    /**
     * How many rows.
     */
    readonly count: number;
  };
  readonly wait: {
    /**
     * When the wait was to end.
     */
    readonly until: Instant;
    /**
     * How long this life of the run waited, in milliseconds.
     */
    readonly waitedMs: number;
  };
};
