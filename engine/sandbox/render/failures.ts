/** Answers that the API gives instead of doing what it is asked. */
export interface FailureRule {
  readonly status: number;
  readonly calls: 'all' | 'reads' | 'writes';
  /** As `render-api.json` names it: `suspend-service`; absent: every one. */
  readonly operation?: string | undefined;
  /** How many requests; absent: until its time is over. */
  readonly times?: number | undefined;
  readonly lastsMs?: number | undefined;
  /** Seconds, in the header of a 429. */
  readonly retryAfter?: number | undefined;
}

/** Failures on demand, the oldest that fits first. */
export class Failures {
  readonly #rules: { readonly rule: FailureRule; left: number; readonly until: number }[] = [];

  add(rule: FailureRule): void {
    this.#rules.push({
      rule,
      left: rule.times ?? Infinity,
      until: performance.now() + (rule.lastsMs ?? Infinity),
    });
  }

  /** The failure that this request meets; undefined when it meets none. */
  meet(method: string, operation: string): FailureRule | undefined {
    const kind = method === 'GET' ? 'reads' : 'writes';
    const found = this.#rules.find(
      ({ rule, left, until }) =>
        left > 0 &&
        performance.now() < until &&
        (rule.calls === 'all' || rule.calls === kind) &&
        (rule.operation ?? operation) === operation,
    );
    if (found !== undefined) found.left -= 1;
    return found?.rule;
  }
}
