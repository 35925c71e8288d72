import { ListrInquirerPromptAdapter } from '@listr2/prompt-adapter-inquirer';
import type { ListrRendererFactory, ListrTaskWrapper } from 'listr2';
import { Listr } from 'listr2';
import type { Prompt, PromptContext } from './prompt/prompt.ts';

/** What draws the screen: started and stopped by listr2 as its renderer. */
export interface Drawing {
  start(): void;
  stop(): void;
}

type Wrapper = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>;

/**
 * A custom renderer, listr2's own extension point: its default renderer draws a list of
 * tasks that is known and short (docs/decisions/terminal-view.md).
 */
class DrawingRenderer {
  static readonly rendererOptions: { drawing?: Drawing } = {};
  static readonly rendererTaskOptions: Record<string, never> = {};
  /** Whether there is a terminal is decided by whoever makes the view. */
  static readonly nonTTY = true;
  readonly #drawing: Drawing | undefined;

  constructor(_tasks: unknown, options: { drawing?: Drawing }) {
    this.#drawing = options.drawing;
  }

  readonly render = (): void => this.#drawing?.start();

  readonly end = (): void => this.#drawing?.stop();
}

/** The run as listr2's one task: it lasts as long as the screen, and prompts belong to it. */
export class ListrHost {
  readonly #task: Promise<Wrapper>;
  #end: () => void = () => undefined;

  constructor(drawing: Drawing) {
    const lasting = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    let begun: (wrapper: Wrapper) => void = () => undefined;
    this.#task = new Promise((resolve) => {
      begun = resolve;
    });
    const listr = new Listr<unknown, typeof DrawingRenderer>(
      [
        {
          task: async (_context, wrapper) => {
            begun(wrapper);
            await lasting;
          },
        },
      ],
      // Ctrl-C is a pause, decided by the command line; listr2 would end the process.
      { renderer: DrawingRenderer, rendererOptions: { drawing }, registerSignalListeners: false },
    );
    // Its task waits and nothing else: there is nothing in it that could fail.
    void listr.run();
  }

  /** Runs an inquirer prompt as a prompt of the task. */
  async prompt<Value, Config>(
    prompt: Prompt<Value, Config>,
    config: Config,
    context: PromptContext,
  ): Promise<Value> {
    const task = await this.#task;
    return task.prompt(ListrInquirerPromptAdapter).run(prompt, config, context);
  }

  end(): void {
    this.#end();
  }
}
